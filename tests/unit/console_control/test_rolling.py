"""A rolling restart, step by step, by what the replicas are."""

from datetime import UTC, datetime, timedelta

import pytest

from console.control.services.rolling import Rolling, Step
from deploy.driver import Aside, Replica

START = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
DRAIN, RETURN = timedelta(seconds=30), timedelta(seconds=90)
OLD = {"api-1": 1, "api-2": 2, "api-3": 3}


class World:
    """Three replicas and a clock; `look` asks for the next step and does it to them."""

    def __init__(self, *, drains: bool = True) -> None:
        self.rolling = Rolling(dict(OLD), 3, drains, DRAIN, RETURN, START)
        self.now = START
        self.in_flight: int | None = 0
        self.replicas = {
            name: Replica(id=name, role="api", pid=pid, ops_address="h:1", ready=True)
            for name, pid in OLD.items()
        }

    def change(self, name: str, **what: object) -> None:
        self.replicas[name] = self.replicas[name].model_copy(update=what)

    def aside(self, name: str, *, lasting: bool = False) -> None:
        until = None if lasting else self.now + timedelta(seconds=15)
        aside = Aside(
            kind="drain",
            by="ada",
            reason="test",
            since=self.now,
            until=until,
            in_flight=self.in_flight,
        )
        self.change(name, aside=aside)

    def look(self, seconds: float = 2) -> Step:
        step = self.rolling.next_step(list(self.replicas.values()), self.now)
        if step.do == "restart":
            self.rolling.restarts(self.now)
        self.now += timedelta(seconds=seconds)
        if step.do == "drain":
            self.aside(step.replica)
        if step.do == "restart":
            self.change(step.replica, pid=step.pid + 10, ready=False)
        if step.do == "put-back":
            self.change(step.replica, aside=None)
        return step

    def serving(self) -> int:
        return sum(each.serves for each in self.replicas.values())


@pytest.fixture
def world() -> World:
    return World()


def test_each_is_drained_restarted_and_put_back_before_the_next(world: World) -> None:
    done = []
    for _ in range(40):
        step = world.look()
        done.append((step.do, step.replica))
        assert world.serving() >= 2
        if step.do == "finish":
            break
        if step.do == "restart":
            assert world.look().words.startswith(f"{step.replica} restarts")
            world.change(step.replica, ready=True)
    assert done == [(do, name) for name in OLD for do in ("drain", "restart", "put-back")] + [
        ("finish", "")
    ]
    assert step.words == "3 of 3 restarted"


def test_what_is_in_flight_is_waited_for_until_the_limit(world: World) -> None:
    world.in_flight = 4
    assert world.look(DRAIN.total_seconds()).do == "drain"
    waiting = world.look()
    assert (waiting.do, waiting.replica) == ("drain", "api-1")
    assert "4 requests in flight" in waiting.words
    assert world.look().do == "restart"


def test_idle_at_once_is_not_idle_yet(world: World) -> None:
    world.look(seconds=0)
    assert world.look(seconds=0).do == "drain"


def test_one_that_does_not_come_back_stops_it_with_the_others_untouched(world: World) -> None:
    for _ in range(2):
        world.look()
    world.now += RETURN
    stopped = world.look()
    assert (stopped.do, stopped.replica) == ("stop", "api-1")
    assert "api-1 did not come back" in stopped.words
    assert "0 of 3 restarted" in stopped.words
    assert [world.replicas[name].pid for name in ("api-2", "api-3")] == [2, 3]


def test_a_restart_that_was_not_taken_is_asked_for_again(world: World) -> None:
    world.look()
    asked = [world.rolling.next_step(list(world.replicas.values()), world.now).do for _ in range(2)]
    assert asked == ["restart", "restart"]
    assert (world.look().do, world.rolling.phase) == ("restart", "returning")


def test_nobody_is_drained_while_another_does_not_serve(world: World) -> None:
    world.change("api-3", ready=False)
    assert world.look().do == "wait"
    world.change("api-3", ready=True)
    assert world.look().do == "drain"


def test_one_that_drains_is_put_back_when_another_fails(world: World) -> None:
    world.in_flight = 1
    world.look()
    world.change("api-2", ready=False)
    assert (world.look().do, world.look().do) == ("put-back", "wait")
    assert world.replicas["api-1"].pid == 1


def test_waiting_for_the_others_has_an_end(world: World) -> None:
    world.change("api-3", ready=False)
    world.look(RETURN.total_seconds() + 1)
    assert world.look().do == "stop"


def test_who_was_put_aside_by_somebody_is_left_as_it_is(world: World) -> None:
    world.aside("api-1", lasting=True)
    world.rolling.most = 2
    step = world.look()
    assert (step.do, step.replica) == ("drain", "api-2")
    assert "api-1 is left as it is: drain by ada" in step.words


def test_one_that_is_scaled_away_meanwhile_is_left_out(world: World) -> None:
    world.look()
    del world.replicas["api-1"]
    world.rolling.most = 2
    assert world.look().replica == "api-2"


def test_one_that_ended_by_itself_is_only_waited_for(world: World) -> None:
    world.look()
    world.change("api-1", pid=99, ready=False)
    assert world.look().do == "wait"
    world.change("api-1", ready=True)
    assert (world.look().do, world.rolling.done) == ("put-back", ["api-1"])


def test_one_that_is_not_ready_gets_nothing_and_is_restarted_at_once(world: World) -> None:
    for name in OLD:
        world.change(name, ready=False)
    assert (world.look().do, world.look().do) == ("restart", "wait")
    world.change("api-1", ready=True)
    assert [world.look().do for _ in range(2)] == ["put-back", "restart"]


def test_a_role_that_answers_no_requests_is_not_drained() -> None:
    world = World(drains=False)
    assert (world.look().do, world.look().do) == ("restart", "wait")
