"""The Timeline page: who, why, beside what, and where to look further."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.clients.failures import SourceAwayError
from console.control.services.moments import KIND_OF
from console.timeline_schemas import Moment

NOW = datetime.now(UTC)
FAULT = Moment(
    at=NOW - timedelta(minutes=9),
    ended_at=NOW - timedelta(minutes=8),
    kind="fault",
    name="fault of kill-replica",
    title="Killed api-2, process 4242, with SIGKILL",
    who="ada",
    why="the drill of the week",
    ref="20261125T010203-abcd",
)
ALERT = Moment(
    at=NOW - timedelta(minutes=8, seconds=30),
    ongoing=True,
    kind="alert",
    name="ReplicaDown",
    title="ReplicaDown: 1 api replica is down",
    outcome="page",
    ref="ReplicaDown",
    beside=[FAULT.name, "scale api", "deploy pharos", "drill another"],
)
LONG_AGO = FAULT.model_copy(update={"at": NOW - timedelta(hours=5), "title": "Paused relay"})


@pytest.fixture
def page(timeline_page: Any) -> Any:
    timeline_page.control.moments = [ALERT, FAULT, LONG_AGO]
    return timeline_page


def test_a_moment_tells_who_why_and_beside_what(page: Any) -> None:
    html = page.run().html
    assert "Killed api-2, process 4242, with SIGKILL" in html
    assert "the drill of the week" in html
    assert "fault of kill-replica" in html
    assert "1 more" in html
    assert "so far" in html


def test_an_alert_and_a_fault_lead_to_their_pages(page: Any) -> None:
    html = page.run().html
    assert 'href="/alerts?alert=ReplicaDown"' in html
    assert 'href="/chaos?run=20261125T010203-abcd"' in html


def test_a_game_day_leads_to_its_own_drills(page: Any) -> None:
    day = FAULT.model_copy(update={"kind": KIND_OF["game-day"], "ref": "20261125T010000-day"})
    page.control.moments = [day]
    html = page.run().html
    assert 'href="/chaos?view=game+days&amp;day=20261125T010000-day"' in html


def test_a_shorter_period_leaves_older_moments_out(page: Any) -> None:
    assert "Paused relay" in page.run().html
    page.app.button_group[0].set_value("1 h")
    assert "Paused relay" not in page.run().html


def test_a_kind_that_is_not_chosen_is_not_shown(page: Any) -> None:
    page.app.run()
    page.app.button_group[1].set_value(["alert"])
    html = page.run().html
    assert "ReplicaDown: 1 api replica is down" in html
    assert "Paused relay" not in html


def test_an_empty_period_and_a_search_that_failed_are_said(timeline_page: Any) -> None:
    timeline_page.control.troubles = ["Error spikes are not known: the store is away"]
    html = timeline_page.run().html
    assert "Nothing of these kinds in the last 6 h." in html
    assert "Error spikes are not known" in html


def test_while_the_control_service_is_away_the_last_answer_stays(page: Any) -> None:
    page.run()
    page.control.trouble = SourceAwayError("The control service does not answer.")
    html = page.run().html
    assert "What you see here is as of" in html
    assert "Paused relay" in html
