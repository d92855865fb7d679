"""The Logs page over a control service that finds, finds nothing, refuses, or is away."""

from datetime import UTC, datetime, timedelta
from typing import Any

from console.clients.failures import RejectedError, SourceAwayError
from console.schemas import LogBar, LogHistogram, LogLine
from console.views.log_bars import specification

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


def _line(component: str, message: str, ms: int, level: str = "info") -> LogLine:
    fields = {"http.request.id": "r-1", "event.duration": ms * 1_000_000}
    at = AT + timedelta(milliseconds=ms)
    return LogLine(at=at, level=level, component=component, message=message, fields=fields)


def test_the_address_fills_the_search_in(logs_page: Any) -> None:
    for name, value in (("query", "timeout"), ("level", "error"), ("component", "api-1")):
        logs_page.app.query_params[name] = value
    logs_page.run()
    asked = {"query": "timeout", "since": "15m", "level": "error", "component": "api-1"}
    assert logs_page.control.searches == [asked]


def test_an_address_with_a_level_that_there_is_not_asks_for_it_all_the_same(
    logs_page: Any,
) -> None:
    logs_page.app.query_params["level"] = "warn"
    logs_page.run()
    assert logs_page.control.searches == [{"level": "warn", "since": "15m"}]


def test_what_is_asked_is_written_into_the_address(logs_page: Any) -> None:
    logs_page.run()
    logs_page.app.text_input[0].input("hello")
    logs_page.press("Search")
    assert logs_page.app.query_params["query"] in ("hello", ["hello"])
    assert logs_page.control.searches[-1] == {"query": "hello", "since": "15m"}


def test_lines_are_shown_with_all_their_fields_and_as_no_markup(logs_page: Any) -> None:
    logs_page.control.lines = [_line("api-1", "<img src=x>", 3, "error")]
    html = logs_page.run().html
    assert "&lt;img src=x&gt;" in html
    assert "<img" not in html
    assert "<dt>event.duration</dt><dd>3000000</dd>" in html
    assert 'href="/logs?request_id=r-1&amp;since=1d"' in html


def test_one_request_is_shown_from_process_to_process_with_its_durations(logs_page: Any) -> None:
    logs_page.app.query_params["request_id"] = "r-1"
    logs_page.control.lines = [_line("worker", "event applied", 20), _line("gateway", "POST", 10)]
    html = logs_page.run().html
    way = html[html.index('data-table="request-way"') :]
    assert way.index("gateway") < way.index("worker") or "20.0" in way
    assert "10.0" in way


def test_nothing_found_says_what_to_do(logs_page: Any) -> None:
    assert "Ask for a longer time or fewer conditions" in logs_page.run().html


def test_a_search_that_is_not_understood_says_where(logs_page: Any) -> None:
    logs_page.control.trouble = RejectedError("position 4: this quote is never closed")
    assert "position 4: this quote is never closed" in logs_page.run().html


def test_another_search_does_not_show_the_last_ones_lines_when_it_fails(logs_page: Any) -> None:
    logs_page.control.lines = [_line("api-1", "found before", 3)]
    assert "found before" in logs_page.run().html
    logs_page.control.trouble = SourceAwayError("The control service does not answer.")
    logs_page.app.text_input[0].input("another")
    assert "found before" not in logs_page.press("Search").html


def test_the_control_service_away_is_said(logs_page: Any) -> None:
    logs_page.control.trouble = SourceAwayError("The control service does not answer.")
    assert "The control service does not answer." in logs_page.run().html


def test_the_bars_of_one_time_stand_on_one_another_with_the_worst_below() -> None:
    bar = LogBar(at=AT, counts={"info": 900, "error": 2})
    counts = LogHistogram(width=15, since=AT, until=AT + timedelta(minutes=15), bars=[bar])
    (drawn,) = specification(counts)["datasets"].values()
    stretches = [(row["level"], row["below"], row["above"]) for row in drawn]
    assert stretches == [("info", 2, 902), ("error", 0, 2)]
