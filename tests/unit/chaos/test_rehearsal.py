"""A rehearsal of the halt: what it measures, what it refuses, and how it leaves the switch."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.schemas.faults import Faults
from backend.schemas.replica_faults import KINDS as REPLICA_KINDS
from chaos.client import ControlAwayError
from chaos.rehearsal import history, measure, schemas
from chaos.rehearsal.practices import PRACTICES, SENT, Practice
from chaos.rehearsal.run import Room, rehearse
from chaos.rehearsal.schemas import Rehearsal, Row
from chaos.rehearsal.stages import Leased
from chaos.runner.guards import GuardError, alone
from chaos.runner.halt import throw_halt
from chaos.schemas import Halt, HaltThrown, State
from deploy.faults.kinds import KINDS, MODES
from deploy.faults.sweep import Swept
from deploy.home import Home
from deploy.ports import Ports
from tests.fakes.driver import FakeDriver
from tests.fakes.places import FakePlace, FakePlaces
from tests.fixtures.running import PATIENCE

ONE = [Practice("latency", "api", {"delay_seconds": 0.2})]


def nothing() -> None:
    """What the switch does where a test says nothing else."""


@dataclass
class FakeSwitch:
    """Halts by ending what the places hold, and by what else a test says."""

    places: FakePlaces
    also: Callable[[], None] = nothing
    standing: Halt = field(default_factory=lambda: Halt(on=False))
    others: bool = False
    ends: bool = True
    rearmed: list[datetime | None] = field(default_factory=list)

    def rehearse_halt(self, reason: str) -> HaltThrown:
        if self.ends:
            self.places.of_agent.end()
            self.places.of_replicas.end()
        self.also()
        self.standing = Halt(
            on=True, by="ben", reason=reason, since=datetime.now(UTC), rehearsal=not self.others
        )
        swept = Swept(reverted=[], left=[], seconds=0)
        return HaltThrown(**self.standing.model_dump(), swept=swept)

    def rearm(self, reason: str, since: datetime | None = None) -> Halt:  # noqa: ARG002
        self.rearmed.append(since)
        self.standing = Halt(on=False)
        return self.standing

    def state(self) -> State:
        return State(environment="local", role="admin", halt=self.standing, drills_running=[])


@dataclass
class Practised:
    """A room whose parts a test changes before it rehearses."""

    home: Home
    driver: FakeDriver = field(default_factory=FakeDriver)
    places: FakePlaces = field(default_factory=FakePlaces)
    environment: str = "local"
    role: str = "admin"
    told: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.driver.status()
        self.switch = FakeSwitch(self.places)

    def rehearse(self, practices: list[Practice] = ONE) -> Rehearsal:
        state = State(
            environment=self.environment, role=self.role, halt=Halt(on=False), drills_running=[]
        )
        room = Room(self.home, state, self.driver, self.places, self.switch)
        return rehearse(room, practices, "before the release", self.told.append)


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Practised:
    # What is measured here is the machine: the halt itself takes no time.
    monkeypatch.setattr(schemas, "REACH_SECONDS", PATIENCE)
    return Practised(Home(tmp_path, Ports(9000)))


def test_every_fault_type_is_rehearsed() -> None:
    assert {practice.kind for practice in PRACTICES} == {*KINDS, *REPLICA_KINDS, *SENT}
    modes = {practice.arguments.get("mode") for practice in PRACTICES}
    assert modes == {*MODES, None}


@pytest.mark.parametrize(
    "practice",
    [practice for practice in PRACTICES if practice.kind not in SENT],
    ids=lambda each: f"{each.name} {each.target}",
)
def test_what_is_rehearsed_is_a_fault_that_may_be_asked_for(practice: Practice) -> None:
    target = "api-1" if practice.target == "api" else practice.target
    injection = Leased(practice, target, FakePlace(), "rehearsal-1").injection
    assert (injection.target, injection.lease_seconds) == (target, 30)


def test_each_fault_is_injected_halted_and_clean_and_the_switch_is_off_again(
    room: Practised,
) -> None:
    done = room.rehearse([*ONE, Practice("abort", "gateway")])
    assert (done.met, done.ended) == (True, "")
    assert [(row.fault, row.target, row.met) for row in done.rows] == [
        ("latency", "api-1", True),
        ("abort", "gateway", True),
    ]
    assert room.told == done.rows
    assert not room.switch.standing.on
    assert len(room.switch.rearmed) == 2
    assert history.read(room.home) == [done]


def test_what_a_halt_leaves_is_named_and_taken_back_by_the_rehearsal(
    room: Practised, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measure, "CLEAN_PATIENCE", 0.1)
    room.switch.ends = False
    done = room.rehearse()
    assert (done.met, done.rows[0].clean_seconds) == (False, None)
    assert done.rows[0].note == "left: latency is active"
    assert room.places.of_replicas.held == {}


def test_what_was_clean_too_late_has_missed() -> None:
    row = Row(fault="latency", target="api-1", effect_seconds=0.1, clean_seconds=2.01)
    assert not row.met
    assert row.model_copy(update={"clean_seconds": 2.0}).met


def test_a_fault_that_cannot_be_made_is_said_so_and_the_next_one_is_tried(room: Practised) -> None:
    room.places.of_replicas.refuses = True
    done = room.rehearse([*ONE, Practice("abort", "gateway")])
    assert done.rows[0].note == "not made: another fault holds it: revert it first"
    assert [row.met for row in done.rows] == [False, True]


def test_what_this_stack_has_not_is_skipped(room: Practised) -> None:
    reset = Practice("dependency", "redis", {"mode": "reset"}, needs="faultproxy")
    done = room.rehearse([reset])
    assert (done.rows[0].skipped, done.rows[0].fault) == (True, "dependency reset")
    assert (done.empty, done.met) == (True, False)
    assert room.places.of_agent.asked == []


def test_somebody_else_s_halt_ends_the_rehearsal_and_stays_on(room: Practised) -> None:
    room.switch.others = True
    done = room.rehearse(ONE * 2)
    assert (done.met, len(done.rows)) == (False, 0)
    assert done.ended.startswith("halted by ben")
    assert room.switch.rearmed == []
    assert room.switch.standing.on


class InterruptedPlace(FakePlace):
    """Ctrl-C comes while it is looked at after the click."""

    pressed = False

    def read_back(self) -> Faults:
        if not self.pressed and not self.held and self.asked:
            self.pressed = True
            raise KeyboardInterrupt
        return super().read_back()


def test_an_interruption_leaves_the_switch_off_and_nothing_injected(room: Practised) -> None:
    room.places.of_replicas = InterruptedPlace()
    words = "interrupted; what was injected is taken back"
    with pytest.raises(KeyboardInterrupt, match=words):
        room.rehearse()
    assert room.places.of_replicas.held == {}
    assert not room.switch.standing.on
    assert [each.ended for each in history.read(room.home)] == [words]


def test_an_interruption_says_what_may_be_left_and_never_that_it_is_taken_back(
    room: Practised, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent() -> State:
        raise ControlAwayError("the control service does not answer")

    def press() -> None:
        room.places.of_replicas.stuck = True
        raise KeyboardInterrupt

    room.switch.also = press
    monkeypatch.setattr(room.switch, "state", silent)
    with pytest.raises(KeyboardInterrupt) as interruption:
        room.rehearse()
    told = str(interruption.value)
    assert "latency at api-1 may be left for" in told
    assert "the halt switch may be on, `pharos chaos rearm` takes it back" in told
    assert "is taken back" not in told
    assert [each.ended for each in history.read(room.home)] == [told]


def test_a_switch_that_an_interruption_left_on_is_taken_back_in_the_end(room: Practised) -> None:
    def press() -> None:
        room.switch.standing = Halt(on=True, by="ben", rehearsal=True)
        raise KeyboardInterrupt

    room.switch.also = press
    with pytest.raises(KeyboardInterrupt):
        room.rehearse()
    assert not room.switch.standing.on


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"environment": "production"}, "production"),
        ({"role": "operator"}, "admin"),
        ({"driver": FakeDriver(api=1)}, "scale api"),
    ],
)
def test_it_is_refused_where_a_drill_would_be_and_nothing_is_done(
    room: Practised, change: dict[str, object], words: str
) -> None:
    for name, value in change.items():
        setattr(room, name, value)
    with pytest.raises(GuardError, match=words):
        room.rehearse()
    assert room.places.of_replicas.asked == []
    assert history.read(room.home) == []


def test_it_is_refused_while_halted_and_while_a_drill_runs(room: Practised) -> None:
    with alone(room.home, "a drill"), pytest.raises(GuardError, match="a drill"):
        room.rehearse()
    throw_halt(room.home, "ana", "a real incident")
    with pytest.raises(GuardError, match="halted by ana"):
        room.rehearse()
    assert room.places.of_replicas.asked == []


def test_a_history_that_makes_no_sense_is_told_with_its_line(room: Practised) -> None:
    done = room.rehearse()
    with room.home.rehearsals_file.open("a") as file:
        file.write('{"run": 1}\n')
    with pytest.raises(history.HistoryError, match=r"rehearsals.jsonl:2 is no rehearsal"):
        history.read(room.home)
    assert done.met
