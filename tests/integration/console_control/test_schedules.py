"""Schedules over HTTP: kept by admins, started when they are due, refused by the same guards."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from chaos.cli import app
from console.control.errors import UnavailableError
from console.control.wiring import Control
from tests.fakes.replica_load import even_load
from tests.fixtures.control_service import Service
from tests.fixtures.running import eventually

TERMS = {
    "name": "daily",
    "reason": "stay used to it",
    "experiments": ["takes-one"],
    "targets": ["api"],
    "weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    "hours": "00:00-24:00",
}


def audited(client: httpx.Client, *actions: str) -> list[tuple[str, str, str]]:
    rows = reversed(client.get("/v1/audit").json())
    return [
        (row["actor"], row["outcome"], row["detail"]) for row in rows if row["action"] in actions
    ]


def added(client: httpx.Client, **changes: Any) -> dict[str, Any]:
    answer = client.post("/v1/schedules", json=TERMS | changes)
    assert answer.status_code == 201, answer.text
    schedule: dict[str, Any] = answer.json()
    return schedule


def turn_comes(service: Service, schedule: dict[str, Any], late: float = 1.0) -> None:
    """Move the service's clock to just after the schedule's next turn."""
    due = datetime.fromisoformat(schedule["next"]["at"]) + timedelta(seconds=late)
    service.clock.ahead += due - service.clock()


def test_what_is_due_is_started_once_in_the_schedules_name(stopped: Service) -> None:
    stopped.load = even_load(["api-1", "api-2"])
    stopped.start()
    with stopped.operator as operator:
        schedule = added(operator)
        assert schedule["eligible"] == ["takes-one"]
        assert operator.get("/v1/drills").json() == []
    # Its clock jumps while it is down: nothing has been silent for long when it is back.
    stopped.stop()
    turn_comes(stopped, schedule, late=-1.0)
    stopped.start()
    with stopped.operator as operator:
        (drill,) = eventually(lambda: operator.get("/v1/drills").json(), bool, "the due drill")
        assert (drill["actor"], drill["profile"]) == ("schedule:daily", "standard")
        assert drill["reason"] == "schedule daily of operator@local (cli): stay used to it"
        rows = eventually(
            lambda: audited(operator, "drill"), lambda rows: len(rows) == 2, "its end"
        )
        assert [row[:2] for row in rows] == [
            ("schedule:daily", "accepted"),
            ("schedule:daily", "done"),
        ]
        assert len(operator.get("/v1/drills").json()) == 1
    stopped.stop()


def test_what_a_guard_refuses_is_audited_and_not_tried_again(
    service: Service, operator: httpx.Client
) -> None:
    schedule = added(operator)
    operator.post("/v1/halt", json={"reason": "an incident"})
    turn_comes(service, schedule)
    rows = eventually(lambda: audited(operator, "drill"), bool, "the refusal")
    assert rows[0][:2] == ("schedule:daily", "refused")
    operator.post("/v1/rearm", json={"reason": "it is over"})
    again = operator.get("/v1/schedules").json()[0]["next"]["at"]
    assert again > schedule["next"]["at"]
    assert operator.get("/v1/drills").json() == []


@pytest.fixture
def due(stopped: Service) -> Iterator[Control]:
    """A schedule whose turn has come, and nobody who follows it by himself."""
    stopped.load = even_load(["api-1", "api-2"])
    stopped.start()
    with stopped.operator as operator:
        schedule = added(operator)
    stopped.stop()
    turn_comes(stopped, schedule)
    control = stopped.wired()
    yield control
    control.close()


class KilledError(BaseException):
    """The end of the process."""


def killed(*_: Any) -> Any:
    raise KilledError


@contextmanager
def _killed_in(place: object, step: str) -> Iterator[None]:
    """End the process, as far as the block can tell, where it comes to that step."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, step, killed)
        with pytest.raises(KilledError):
            yield


def missed(control: Control) -> list[str]:
    rows = control.audit.newest(50, None)
    return [row.detail for row in rows if row.action == "schedule-missed"]


def test_a_turn_whose_service_is_killed_before_its_drill_begins_is_taken_up(
    due: Control,
) -> None:
    with _killed_in(due.drills, "start"):
        due.due.follow()
    due.due.follow()
    assert [drill.actor for drill in due.drills.newest(10)] == ["schedule:daily"]


def test_a_turn_that_is_never_taken_up_is_told(stopped: Service, due: Control) -> None:
    with _killed_in(due.drills, "start"):
        due.due.follow()
    stopped.clock.ahead += timedelta(minutes=3)
    due.due.follow()
    due.due.follow()
    (words,) = missed(due)
    assert words.startswith("1 turn missed")
    assert due.drills.newest(10) == []


def test_a_turn_whose_service_is_killed_after_its_drill_began_starts_no_second(
    due: Control,
) -> None:
    with _killed_in(due.due, "_settle"):
        due.due.follow()
    due.due.follow()
    assert len(due.drills.newest(10)) == 1


def test_while_nobody_tells_what_may_be_chosen_a_turn_waits(
    due: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable() -> Any:
        raise UnavailableError("the chaos room does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(due.experiments, "all", unavailable)
        due.due.follow()
    assert due.drills.newest(10) == []
    due.due.follow()
    assert len(due.drills.newest(10)) == 1


def test_what_was_missed_while_the_service_was_down_is_told_and_not_made_up_for(
    stopped: Service,
) -> None:
    stopped.start()
    with stopped.operator as operator:
        schedule = added(operator)
    stopped.stop()
    turn_comes(stopped, schedule, late=3600 * 24)
    stopped.start()
    with stopped.operator as operator:
        (row,) = eventually(
            lambda: audited(operator, "schedule-missed"), bool, "that it was missed"
        )
        assert row[:2] == ("schedule:daily", "refused")
        assert "not made up for" in row[2]
        assert operator.get("/v1/drills").json() == []
    stopped.stop()


def test_the_next_turns_are_those_that_a_dry_run_showed(operator: httpx.Client) -> None:
    shown = operator.post("/v1/schedules/preview?limit=3", json=TERMS).json()
    assert operator.get("/v1/schedules").json() == []
    added(operator)
    assert operator.get("/v1/schedules/turns?limit=3").json() == shown
    assert [turn["experiment"] for turn in shown] == ["takes-one"] * 3


def pharos(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["chaos", "schedule", *arguments])


def test_the_command_line_shows_adds_lists_and_removes(service: Service) -> None:
    asked = ("add", "daily", "--experiment", "takes-one", "--target", "api", "--reason", "a test")
    shown = pharos(*asked, "--mean", "2", "--dry-run")
    assert shown.stdout.count("takes-one") == 10
    assert "Nothing starts by itself here" in pharos("list").stdout
    assert "among     takes-one" in pharos(*asked, "--mean", "2").stdout
    assert "09:00-15:00 UTC, 2 a week" in pharos("list").stdout
    assert pharos("next", "-n", "10").stdout == shown.stdout
    assert pharos("remove", "daily", "--reason", "enough").exit_code == 0
    assert pharos("remove", "daily", "--reason", "enough").exit_code == 2
    assert pharos(*asked, "--on", "someday").exit_code == 2


def test_one_of_a_name_stands_until_it_is_removed(operator: httpx.Client) -> None:
    added(operator)
    assert operator.post("/v1/schedules", json=TERMS).status_code == 409
    gone = operator.request("DELETE", "/v1/schedules/daily", json={"reason": "enough"})
    assert gone.status_code == 204
    assert operator.get("/v1/schedules").json() == []
    unknown = operator.request("DELETE", "/v1/schedules/daily", json={"reason": "enough"})
    assert unknown.status_code == 404
    outcomes = [row[1] for row in audited(operator, "schedule-add", "schedule-remove")]
    assert outcomes == ["done", "failed", "done", "failed"]


def test_what_cannot_be_chosen_is_told_with_its_field(operator: httpx.Client) -> None:
    for changes, words in (
        ({"experiments": ["burn-it-down"]}, "experiments: burn-it-down is not known"),
        ({"tags": ["weather"]}, "tags: weather is not known"),
        ({"targets": ["postgres"]}, "targets: none of these experiments hits only postgres"),
    ):
        answer = operator.post("/v1/schedules", json=TERMS | changes)
        assert answer.status_code == 422
        mistake = answer.json()["errors"][0]
        assert f"{mistake['field']}: {mistake['message']}".startswith(words)
