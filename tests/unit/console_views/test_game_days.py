"""The game days on the Chaos page, and the reports that it leads to."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.clients.failures import SourceAwayError
from console.game_day_schemas import Attempt, AttemptVerdict, GameDayTraffic, HeldGameDay
from tests.fakes import believable

NAME, OLDER = "20261122T090000-d1d2", "20261120T090000-0a0b"
BEGAN = datetime(2026, 11, 22, 9, tzinfo=UTC)


def game_day(name: str = NAME, **otherwise: Any) -> HeldGameDay:
    told: dict[str, Any] = {
        "name": name,
        "state": "ended",
        "outcome": "failed",
        "words": "failed: 1 of 3 drills passed",
        "reason": "before the release",
        "rate": 50.0,
        "started_at": BEGAN,
        "ended_at": BEGAN + timedelta(minutes=12, seconds=4),
        "attempts": [
            Attempt(
                experiment="kill-replica",
                state="ended",
                why="all held",
                run="20261122T090001-a1b2",
                verdict=AttemptVerdict(verdict="passed"),
            ),
            Attempt(
                experiment="pause-redis",
                state="ended",
                why="CacheAway stayed silent",
                run="20261122T090401-a1b2",
                verdict=AttemptVerdict(verdict="failed"),
            ),
            Attempt(experiment="slow-burns", state="not started", why="needs `up --with history`"),
        ],
        "traffic": GameDayTraffic(sent=36000, failed=12, rate=50.0),
        "notes": ["Not calm before pause-redis, which is tried all the same"],
    }
    return HeldGameDay(**(told | otherwise))


@pytest.fixture
def days_page(chaos_page: Any) -> Any:
    chaos_page.app.query_params["view"] = "game days"
    return chaos_page


def test_each_game_day_is_a_row_with_what_it_came_to_and_its_report(days_page: Any) -> None:
    days_page.control.days = [game_day()]
    html = days_page.run().html
    for words in ("1 of 3", "12 min 4 s", "12 of 36,000", "before the release"):
        assert f">{words}<" in html
    assert f'href="http://127.0.0.1:7402/v1/reports/{NAME}" target="_blank"' in html


def test_the_newest_is_shown_drill_by_drill(days_page: Any) -> None:
    days_page.control.days = [game_day(), game_day(OLDER, attempts=[])]
    html = days_page.run().html
    assert f"Game day {NAME}" in html
    assert '<a href="/chaos?run=20261122T090401-a1b2" target="_self">' in html
    for words in ("CacheAway stayed silent", "needs `up --with history`", "Not calm before"):
        assert words in html


def test_an_older_one_is_shown_by_its_link(days_page: Any) -> None:
    days_page.control.days = [game_day(), game_day(OLDER, words="interrupted")]
    days_page.app.query_params["day"] = OLDER
    html = days_page.run().html
    assert f"Game day {OLDER}" in html
    assert f"Game day {NAME}" not in html
    assert f'<a href="/chaos?view=game+days&day={NAME}" target="_self">' in html


def test_one_that_goes_on_has_no_figures_of_traffic_yet(days_page: Any) -> None:
    days_page.control.days = [game_day(state="running", outcome="running", traffic=None)]
    assert ">running<" in days_page.run().html


def test_that_there_was_none_is_said(days_page: Any) -> None:
    assert "No game day was held on this machine yet." in days_page.run().html


def test_without_an_answer_nothing_is_said_of_game_days(days_page: Any) -> None:
    days_page.control.trouble = SourceAwayError("The control service does not answer.")
    html = days_page.run().html
    assert "The control service does not answer." in html
    assert "No game day was held" not in html


def test_a_drill_leads_to_its_report_once_it_has_a_verdict(chaos_page: Any) -> None:
    ended = believable.drill()
    chaos_page.control.past = [ended]
    chaos_page.app.query_params["run"] = ended.run
    assert f'href="http://127.0.0.1:7402/v1/reports/{ended.run}"' in chaos_page.run().html
