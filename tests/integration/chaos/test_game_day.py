"""Game days through a real control service, whose chaos room stands in."""

import httpx
import pytest

from chaos.cli.gamedays import CODES
from chaos.client import ControlClient, ControlError, ControlRefusedError
from chaos.gameday.agenda import Item
from chaos.gameday.load import Load, day_plan
from chaos.journal import JournalError
from chaos.runner.halt import throw_halt
from chaos.schemas import Drill, Halt, JournalEntry
from chaos.traffic.target import Target
from deploy.driver import StackStatus
from deploy.home import Home
from tests.fakes.driver import FakeDriver
from tests.fixtures.control_service import PASSWORD, Service, operator, service, stopped
from tests.integration.chaos.days import NAME, Days, audited, days

__all__ = ["days", "operator", "service", "stopped"]


class Lapsing(ControlClient):
    """Shows no drill but the first that it is asked for, like one whose token ended meanwhile."""

    first: str | None = None

    def drill(self, run: str) -> Drill:
        self.first = self.first or run
        if run != self.first:
            raise ControlError("the token has ended")
        return super().drill(run)


class BriefHalt(FakeDriver):
    """A stack that is halted at the first look at it, and is whole and re-armed by the second."""

    def __init__(self, home: Home) -> None:
        super().__init__()
        self.home = home
        self.looks = 0

    def status(self) -> StackStatus:
        self.looks += 1
        if self.looks == 1:
            throw_halt(self.home, "ben", "a real incident")
            return super().status().model_copy(update={"ready": False})
        self.home.halt_file.unlink(missing_ok=True)
        return super().status()


def test_a_failed_drill_does_not_keep_the_next_from_running(
    days: Days, operator: httpx.Client
) -> None:
    day = days.hold("fails", "passes")
    assert (day.state, day.outcome) == ("ended", "failed")
    assert [each.why for each in day.attempts] == ["it failed", "it passed"]
    assert [entry.kind for entry in day.journal] == [
        "game-day.started",
        *["drill.started", "drill.ended"] * 2,
        "game-day.ended",
    ]
    assert audited(operator, "game-day") == [
        ("accepted", "2 experiments: fails, passes"),
        ("failed", "failed: 1 of 2 drills passed"),
    ]


def test_its_drills_run_under_its_guards_and_name_it(days: Days, operator: httpx.Client) -> None:
    days.hold("passes")
    (drill,) = operator.get("/v1/drills").json()
    assert drill["profile"] == "game-day"
    assert drill["reason"] == f"game day {NAME}: to see what holds"


def test_a_halt_ends_the_drill_and_the_game_day(days: Days, operator: httpx.Client) -> None:
    def halt(entry: JournalEntry) -> None:
        if entry.kind == "drill.started":
            operator.post("/v1/halt", json={"reason": "enough"})

    days.on = halt
    day = days.hold("waits", "passes")
    assert day.outcome == "halted"
    assert [each.state for each in day.attempts] == ["ended", "not reached"]
    assert audited(operator, "game-day")[-1] == ("failed", "halted: 0 of 2 drills passed")


def test_a_halt_between_two_drills_ends_it_though_somebody_re_arms(
    days: Days, operator: httpx.Client
) -> None:
    days.driver = BriefHalt(days.service.home)
    day = days.hold("passes", "passes")
    assert day.outcome == "halted"
    assert [each.state for each in day.attempts] == ["not reached", "not reached"]
    assert operator.get("/v1/drills").json() == []


def test_a_drill_that_was_halted_ends_it_though_nobody_here_saw_the_switch(
    days: Days, operator: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def halt(entry: JournalEntry) -> None:
        if entry.kind == "drill.started":
            operator.post("/v1/halt", json={"reason": "enough"})
            operator.post("/v1/rearm", json={"reason": "it was nothing"})

    monkeypatch.setattr("chaos.gameday.halts.read_halt", lambda _: Halt(on=False))
    days.on = halt
    day = days.hold("waits", "passes")
    assert day.outcome == "halted"
    assert [each.state for each in day.attempts] == ["ended", "not reached"]


def test_one_that_cannot_see_a_drill_any_more_is_interrupted(
    days: Days, operator: httpx.Client
) -> None:
    days.client = Lapsing
    with pytest.raises(ControlError, match="the token has ended"):
        days.hold("passes", "passes", "passes")
    day = days.held()
    words = "interrupted: 1 of 3 drills passed, then it broke off: the token has ended"
    assert (day.state, day.outcome, day.words) == ("ended", "interrupted", words)
    assert audited(operator, "game-day")[-1] == ("failed", words)


def test_one_that_breaks_off_after_its_last_drill_has_not_passed(
    days: Days, operator: httpx.Client
) -> None:
    def fill(entry: JournalEntry) -> None:
        if entry.kind == "drill.ended":
            raise JournalError("the disk is full")

    days.on = fill
    with pytest.raises(JournalError):
        days.hold("passes")
    assert days.held().outcome == "interrupted"
    assert audited(operator, "game-day")[-1][0] == "failed"


@pytest.mark.parametrize("error", [KeyboardInterrupt("interrupted"), ControlError("it is away")])
def test_its_end_is_written_down_though_the_audit_log_cannot_be_told(
    days: Days, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def cut_off(*_: object) -> None:
        raise error

    monkeypatch.setattr(ControlClient, "close_game_day", cut_off)
    day = days.hold("passes")
    assert (day.state, day.words) == ("ended", "passed: 1 of 1 drills passed")
    assert day.notes == [f"Its end is not in the audit log: {error}"]


def test_without_the_traffic_that_was_asked_for_it_is_inconclusive(
    days: Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chaos.gameday.load.lines.open_log", lambda *_: None)
    nobody = Target("http://127.0.0.1:1", "secret")
    days.load = Load(day_plan(rate=50.0), nobody, days.service.home)
    day = days.hold("passes", "passes", "passes")
    assert [each.why for each in day.attempts] == ["it passed"] * 3
    assert (CODES[day.outcome], day.words) == (
        3,
        "inconclusive: 3 of 3 drills passed, but its traffic ended before it",
    )
    assert "nothing answers" in day.notes[0]
    kinds = [entry.kind for entry in day.journal]
    assert kinds.index("traffic.ended") < kinds.index("drill.ended", kinds.index("drill.ended") + 1)


def test_what_needs_a_part_that_is_not_there_is_told_and_not_started(days: Days) -> None:
    day = days.hold(Item(name="waits", needs=["faults"]), "passes")
    assert (day.outcome, day.words) == ("inconclusive", "inconclusive: 1 of 2 drills passed")
    first = day.attempts[0]
    assert (first.state, first.why) == ("not started", "needs `pharos up --with faults`")


def test_a_guard_that_refuses_every_drill_makes_it_refused(stopped: Service) -> None:
    stopped.environment = "production"
    stopped.start()
    day = Days(stopped, stopped.token("operator_token")).hold("passes")
    stopped.stop()
    assert day.outcome == "refused"
    assert "production" in day.attempts[0].why


def test_only_an_admin_holds_one_and_without_the_right_nothing_is_begun(
    service: Service, operator: httpx.Client
) -> None:
    with service.person("otto", "operator"), service.client() as browser:
        browser.post("/sign-in", data={"name": "otto", "password": PASSWORD})
        days = Days(service, browser.cookies[service.control.settings.cookie] or "")
        with pytest.raises(ControlRefusedError, match="takes the right admin"):
            days.hold("passes")
    assert not (service.home.game_days / NAME).exists()
    assert operator.get("/v1/drills").json() == []


def test_a_drill_that_died_is_told_and_the_day_goes_on(days: Days) -> None:
    day = days.hold("dies", "passes")
    assert [each.state for each in day.attempts] == ["interrupted", "ended"]
    assert day.outcome == "inconclusive"


def test_one_that_never_told_its_end_is_closed_by_the_next(
    days: Days, operator: httpx.Client
) -> None:
    body = {"name": "20260131T110000-dead", "experiments": ["passes"], "reason": "was killed"}
    assert operator.post("/v1/game-days", json=body).status_code == 204
    assert operator.post("/v1/game-days", json=body).status_code == 409
    days.hold("passes")
    assert audited(operator, "game-day")[1:3] == [
        ("failed", f"There was a game day {body['name']}: choose another name."),
        ("failed", "interrupted: its end was never told"),
    ]
    unknown = operator.post(
        f"/v1/game-days/{NAME}/end", json={"outcome": "passed", "words": "again"}
    )
    assert unknown.status_code == 404
