"""Cursors, service tokens, problems: small things that strangers send and read."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from backend.api.problems import EXPECTED
from backend.api.tokens import ServiceTokens
from backend.domain import errors
from backend.domain.cursors import (
    activity_cursor,
    read_activity_cursor,
    read_user_cursor,
    user_cursor,
)
from backend.domain.errors import BadCursorError


@given(some.datetimes(timezones=some.just(UTC)), some.uuids())
def test_a_user_cursor_comes_back_as_it_went(time: datetime, user: object) -> None:
    assert read_user_cursor(user_cursor(time, user)) == (time, user)  # type: ignore[arg-type]


@given(some.integers(min_value=1, max_value=2**63 - 1))
def test_an_activity_cursor_comes_back_as_it_went(sequence: int) -> None:
    assert read_activity_cursor(activity_cursor(sequence)) == sequence


@given(some.text())
def test_whatever_else_is_sent_is_a_bad_cursor_and_nothing_worse(text: str) -> None:
    for read in (read_user_cursor, read_activity_cursor):
        with pytest.raises(BadCursorError):
            read(text)


def test_a_user_cursor_beyond_the_calendar_in_utc_is_a_bad_cursor() -> None:
    late = datetime.max.replace(tzinfo=timezone(-timedelta(hours=1)))
    with pytest.raises(BadCursorError):
        read_user_cursor(user_cursor(late, uuid4()))


def test_a_cursor_of_one_listing_is_refused_by_the_other() -> None:
    with pytest.raises(BadCursorError):
        read_activity_cursor(user_cursor(datetime.now(UTC), uuid4()))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def test_a_token_is_known_by_its_digest_and_named() -> None:
    tokens = ServiceTokens(f"load={_digest('one')}\n\nshop={_digest('two')}\n")
    assert [tokens.name_of(token) for token in ("one", "two", "three", "")] == [
        "load",
        "shop",
        None,
        None,
    ]


@pytest.mark.parametrize("line", ["load", "load=xyz", "load=abcd", f"={_digest('one')}"])
def test_a_line_that_is_no_token_stops_the_start_and_is_not_shown(line: str) -> None:
    with pytest.raises(ValueError, match="line 2") as refused:
        ServiceTokens(f"load={_digest('one')}\n{line}")
    assert line not in str(refused.value).replace("name=sha256", "")


def test_without_tokens_nobody_may_write() -> None:
    assert ServiceTokens("").name_of("") is None


def test_every_error_that_callers_can_cause_has_its_answer() -> None:
    causes = {
        error
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, errors.PharosError)
    }
    answered = {error for error in causes if error in EXPECTED}
    unavailable = {e for e in causes if issubclass(e, errors.DependencyUnavailableError)}
    assert causes - answered - unavailable == {errors.PharosError}
