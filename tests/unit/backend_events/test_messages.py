"""Reading an event's envelope and body, whatever arrives."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pika import BasicProperties

from backend.domain.messages import LAST_SEQUENCE, Envelope, UnreadableMessageError, read_event
from backend.domain.ordering import after_failure

KEY = "8c9f6a4e-6d0c-4f8e-9d0b-3f1a2b3c4d5e"
USER = "1b2c3d4e-5f60-4718-8a9b-0c1d2e3f4a5b"
HEADERS = {"user_id": USER, "sequence": 3, "accepted_at": "2026-11-22T10:00:00+00:00"}


def test_an_envelope_survives_being_sent() -> None:
    sent = Envelope.read(KEY, {**HEADERS, "request_id": "r-1", "traceparent": "00-a-b-01"})
    assert Envelope.read(KEY, sent.headers()) == sent
    assert sent.user_id == UUID(USER)


def test_what_the_broker_wrote_on_a_message_is_not_sent_on() -> None:
    read = Envelope.read(KEY, {**HEADERS, "x-death": [{"count": 1}], "x-delivery-count": 4})
    assert not [name for name in read.headers() if name.startswith("x-")]


def test_attempts_and_deferrals_are_counted_apart() -> None:
    read = Envelope.read(KEY, HEADERS).failed_once_more().deferred_once_more().deferred_once_more()
    again = Envelope.read(KEY, read.headers())
    assert (again.attempts, again.deferrals) == (1, 2)


@pytest.mark.parametrize(
    "damage",
    [
        {"user_id": "nobody"},
        {"user_id": None},
        {"sequence": "third"},
        {"sequence": 0},
        {"sequence": 2**63},
        {"sequence": float("inf")},
        {"pharos-attempts": -1},
        {"pharos-attempts": 2**31 - 1},
        {"pharos-deferrals": -1},
        {"pharos-deferrals": 2**63 - 1},
        {"accepted_at": "yesterday"},
        {"accepted_at": "2026-11-22T10:00:00"},
    ],
)
def test_a_damaged_header_is_unreadable(damage: dict[str, Any]) -> None:
    with pytest.raises(UnreadableMessageError):
        Envelope.read(KEY, HEADERS | damage)


@given(
    st.one_of(st.none(), st.text()),
    st.dictionaries(
        st.sampled_from(["user_id", "sequence", "accepted_at", "pharos-attempts"]),
        st.one_of(st.none(), st.text(), st.integers(), st.lists(st.integers()), st.binary()),
    ),
)
def test_nothing_that_arrives_raises_anything_else(
    message_id: str | None, headers: dict[str, Any]
) -> None:
    with pytest.raises(UnreadableMessageError):
        Envelope.read(message_id, headers)


_COUNTS = st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(-20, 20), st.text(), st.floats())


@given(st.integers(1, LAST_SEQUENCE), _COUNTS, _COUNTS)
def test_what_is_readable_can_be_sent_round_once_more(
    sequence: int, attempts: Any, deferrals: Any
) -> None:
    counted = {"sequence": sequence, "pharos-attempts": attempts, "pharos-deferrals": deferrals}
    try:
        read = Envelope.read(KEY, HEADERS | counted)
    except UnreadableMessageError:
        return
    again = read.failed_once_more().deferred_once_more()
    assert BasicProperties(headers=again.headers()).encode()
    assert after_failure(again.attempts, (1.0, 5.0, 25.0), "ValueError")


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b'{"specversion": "1.0", "id": "1"}'])
def test_a_body_that_is_no_event_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableMessageError, match="not a CloudEvent"):
        read_event(body)
