"""The text of a search and its other conditions: what is understood, and what is refused how."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.observability.fields import BY_NAME
from deploy.logstore import QueryError, make_search
from deploy.logstore.query import ALIASES, Term, parse
from deploy.logstore.search import bar_width, duration

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_words_phrases_fields_and_negations_are_told_apart() -> None:
    assert parse('Time "no Free" level:Error -status:"500"') == (
        Term("time"),
        Term("no free"),
        Term("error", BY_NAME["log.level"]),
        Term("500", BY_NAME["http.response.status_code"], negated=True),
    )


@pytest.mark.parametrize("text", ["http://x", "10:30:00", "a-b", '"level:error"', "%_*?\\"])
def test_what_only_looks_like_syntax_is_a_word(text: str) -> None:
    (term,) = parse(text)
    assert term == Term(text.strip('"'))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('an "open', "position 4: this quote is never closed"),
        ("a levle:error", "position 3: no field is called levle, did you mean level?"),
        ("level:", "position 1: nothing stands after level:"),
        ("x -", "position 3: nothing stands after -"),
        ('""', "position 1: the quotes hold nothing"),
        ("x" * 1001, "longer than 1000 characters"),
        ("a " * 21, "more than 20 conditions"),
    ],
)
def test_a_text_that_cannot_be_understood_says_where_and_why(text: str, words: str) -> None:
    with pytest.raises(QueryError) as refused:
        parse(text)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"since": "soon"}, "'soon' is no length of time: write it as 90s, 15m, 2h or 7d"),
        ({"since": "0m"}, "'0m' is no length of time"),
        ({"level": "loud"}, "level must be one of debug, info, warning, error, critical"),
        ({"component": "sails"}, "no component is called 'sails'; those that write lines: gateway"),
        ({"limit": 0}, "limit must be from 1 to 1000"),
        ({"request_id": "a b"}, "'a b' is no request id"),
        ({"since": "1h", "until": "2h"}, "since must be before until"),
    ],
)
def test_a_condition_that_cannot_hold_is_refused_in_words(how: dict[str, Any], words: str) -> None:
    with pytest.raises(QueryError) as refused:
        make_search(now=NOW, **how)
    assert words in str(refused.value)


def test_a_time_is_a_length_back_or_a_date() -> None:
    search = make_search(now=NOW, since="90s", until="2026-11-24T12:00:00+00:00")
    assert (search.since, search.until) == (NOW - timedelta(seconds=90), NOW)
    assert duration("7D") == timedelta(days=7)


def test_a_level_means_those_above_it_too() -> None:
    assert make_search(now=NOW, level="ERROR").levels == ("error", "critical")


def test_every_short_name_leads_to_a_field() -> None:
    assert set(ALIASES.values()) <= BY_NAME.keys()


def test_bars_are_round_and_not_too_many() -> None:
    assert bar_width(NOW - timedelta(minutes=15), NOW) == 15
    assert bar_width(NOW - timedelta(days=7), NOW) == 21600
