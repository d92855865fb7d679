"""A flood posts real events while its lease lasts, and nothing after it."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from deploy.faults.kinds import AGENT_INJECTION
from deploy.home import Home
from deploy.local.agent.faults import posting
from deploy.local.agent.faults.flood import Flood
from deploy.local.agent.faults.leases import Lease
from deploy.local.agent.faults.posting import CONNECTIONS, Posting
from deploy.local.agent.faults.refusals import NotRunningError
from deploy.ports import Ports
from tests.fakes.accepting import Taken, accepting
from tests.fixtures.running import eventually


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Flood, Taken]]:
    # One that is given up is followed by another, which these tests would count as a second.
    monkeypatch.setattr(posting, "TIMEOUT", None)
    with accepting() as (port, taken):

        def post(lease: Lease) -> Posting:
            return Posting(port, "the token", **lease.arguments)

        yield Flood(Home(Path("/nowhere"), Ports(9000)), post), taken


def armed(**arguments: float) -> Lease:
    asked = {"id": "a", "kind": "flood", "arguments": {"events_per_second": 200} | arguments}
    return Lease.armed(AGENT_INJECTION.validate_python(asked))


def ended(flood: Flood, lease: Lease) -> bool:
    flood.undo(lease)
    return flood.left(lease) == ""


def begun(flood: Flood, lease: Lease) -> Lease:
    flood.make(lease, lambda _: None)
    eventually(partial(flood.missing, lease), lambda why: not why, "an event accepted")
    return lease


@pytest.mark.parametrize("users", [1, 3])
def test_events_of_so_many_users_are_posted_until_it_is_taken_back(
    gateway: tuple[Flood, Taken], users: int
) -> None:
    flood, taken = gateway
    lease = begun(flood, armed(users=users))
    eventually(lambda: len(taken.events), lambda number: number >= 20, "events")
    flood.undo(lease)
    counted = partial(flood.own_requests, lease)
    eventually(counted, lambda own: own == len(taken.events) + users, "each request counted")
    eventually(lambda: ended(flood, lease), bool, "its end")
    assert {event["subject"] for event in taken.events} == {f"user-{n + 1}" for n in range(users)}
    assert len({event["id"] for event in taken.events}) == len(taken.events)
    assert taken.tokens == {"Bearer the token"}
    assert flood.words(lease) == "nothing is posted"


def test_what_is_not_accepted_is_told_and_tried_no_second_time(
    gateway: tuple[Flood, Taken],
) -> None:
    flood, taken = gateway
    taken.refuses = True
    lease = armed()
    flood.make(lease, lambda _: None)
    told = partial(flood.words, lease)
    eventually(told, lambda words: "answered with 503" in words, "the refusal told")
    assert flood.missing(lease) == "the gateway has not accepted an event yet"
    eventually(lambda: ended(flood, lease), bool, "its end")
    assert taken.events == []


def test_an_agent_that_was_started_again_goes_on_with_it(gateway: tuple[Flood, Taken]) -> None:
    flood, taken = gateway
    lease = armed().done()
    flood.keep(lease)
    flood.keep(lease)
    eventually(lambda: len(taken.events), lambda number: number > 0, "events")
    assert len(taken.users) == 1, "it was begun twice"
    eventually(lambda: ended(flood, lease), bool, "its end")


def test_nothing_is_posted_after_the_end_though_the_product_did_not_answer_before(
    gateway: tuple[Flood, Taken],
) -> None:
    flood, taken = gateway
    taken.answers.clear()
    lease = armed()
    flood.make(lease, lambda _: None)
    eventually(lambda: len(taken.users), lambda number: number > 0, "its user asked for")
    flood.undo(lease)
    taken.answers.set()
    eventually(lambda: ended(flood, lease), bool, "its end")
    assert (len(taken.users), taken.events) == (1, [])


def test_what_a_product_that_hangs_never_answers_is_given_up_soon(
    gateway: tuple[Flood, Taken],
) -> None:
    flood, taken = gateway
    lease = begun(flood, armed())
    taken.answers.clear()
    eventually(lambda: len(taken.hanging), lambda hang: hang == CONNECTIONS, "requests that hang")
    eventually(lambda: ended(flood, lease), bool, "its end")
    assert not taken.answers.is_set()


def test_one_without_a_lease_is_residue_and_ended(gateway: tuple[Flood, Taken]) -> None:
    flood, _ = gateway
    lease = begun(flood, armed())
    assert flood.residue([lease]) == []
    assert flood.residue([]) == ["the flood a has no lease"]
    flood.sweep([])
    eventually(lambda: flood.residue([]), lambda left: left == [], "its end")


class Meanwhile(Posting):
    """One that is under way; whoever asks gives something else its turn."""

    def __init__(self, turn: Callable[[], None]) -> None:
        self._turn = turn

    @property
    def under_way(self) -> bool:
        self._turn()
        return True


def test_it_is_read_back_while_others_begin(tmp_path: Path) -> None:
    def another_begins() -> None:
        flood.keep(armed().model_copy(update={"id": "another"}))

    flood = Flood(Home(tmp_path, Ports(9000)), lambda _: Meanwhile(another_begins))
    flood.keep(armed())
    assert flood.residue([]) == ["the flood a has no lease"]
    assert "the flood another has no lease" in flood.residue([])


def test_without_a_gateway_it_is_refused(tmp_path: Path) -> None:
    def post(lease: Lease) -> Posting:
        raise AssertionError(lease)

    with pytest.raises(NotRunningError, match="pharos status"):
        Flood(Home(tmp_path, Ports(9000)), post).check(armed())
