"""A poison message is the drill's alone: what it put there it takes out, and nothing else."""

import pytest

from deploy.faults.kinds import AGENT_INJECTION
from deploy.local.agent.faults.leases import Lease
from deploy.local.agent.faults.poison import DEAD, UNDER_WAY_SECONDS, Poison
from deploy.local.agent.faults.refusals import NotRunningError, OverlapError
from tests.fakes.queues import FakeQueues


def armed(name: str = "a") -> Lease:
    return Lease.armed(AGENT_INJECTION.validate_python({"id": name, "kind": "poison"}))


def made(queues: FakeQueues) -> tuple[Poison, Lease]:
    poison, lease = Poison(queues), armed()
    poison.check(lease)
    return poison, poison.make(lease, lambda _: None)


def test_it_is_in_effect_once_the_worker_has_put_it_to_the_dead_letters() -> None:
    queues = FakeQueues(works=False)
    poison, lease = made(queues)
    assert "has not put it" in poison.missing(lease)
    queues.lie(DEAD, "poison-a")
    assert poison.missing(lease) == ""


def test_its_undo_takes_it_out_and_leaves_what_came_after_it() -> None:
    queues = FakeQueues()
    poison, lease = made(queues)
    queues.lie(DEAD, "somebody's")
    assert "lies in" in poison.left(lease)
    poison.undo(lease)
    poison.undo(lease)
    assert poison.left(lease.done()) == ""
    assert queues.ids(DEAD) == ["somebody's"]


def test_what_lies_before_it_is_never_taken_out() -> None:
    queues = FakeQueues()
    queues.lie(DEAD, "somebody's")
    queues.lie(DEAD, "poison-a")
    Poison(queues).undo(armed())
    assert queues.ids(DEAD) == ["somebody's", "poison-a"]


def test_another_message_that_was_taken_out_by_a_hair_is_put_back() -> None:
    class Hasty(FakeQueues):
        def head(self, queue: str) -> str | None:
            seen = super().head(queue)
            if seen == "poison-a":
                self.queues[queue].pop(0)  # an operator empties the queue at this moment
            return seen

    queues = Hasty(works=False)
    queues.lie(DEAD, "poison-a")
    queues.lie(DEAD, "somebody's")
    Poison(queues).undo(armed())
    assert queues.ids(DEAD) == ["somebody's"]


def test_where_dead_letters_lie_already_it_is_refused() -> None:
    queues = FakeQueues()
    queues.lie(DEAD, "somebody's")
    with pytest.raises(OverlapError, match="deal with what lies there first"):
        Poison(queues).check(armed())


def test_where_nobody_would_take_it_it_is_refused() -> None:
    with pytest.raises(NotRunningError, match="nobody consumes"):
        Poison(FakeQueues(consuming=0)).check(armed())
    with pytest.raises(NotRunningError, match="cannot be asked"):
        Poison(FakeQueues(away=True)).check(armed())


def test_one_that_nobody_saw_arrive_is_waited_for_before_it_counts_as_gone() -> None:
    queues = FakeQueues(works=False)
    poison, lease = made(queues)
    assert "on its way" in poison.left(lease)
    late = lease.model_copy(update={"since": lease.since - UNDER_WAY_SECONDS - 1})
    assert poison.left(late) == ""
