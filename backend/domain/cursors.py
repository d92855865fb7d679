"""Keyset cursors: opaque to the caller, checked when they come back.

A cursor is base64url of a JSON list whose first item names the listing, so
that a cursor of one listing is refused by another.
"""

import base64
import binascii
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from backend.domain.errors import BadCursorError

_USERS, _ACTIVITY = "users", "activity"
_MAX_SEQUENCE = 2**63 - 1


def user_cursor(created_at: datetime, user_id: UUID) -> str:
    """Return the cursor that continues after this user."""
    return _encode([_USERS, created_at.isoformat(), str(user_id)])


def read_user_cursor(cursor: str) -> tuple[datetime, UUID]:
    """Read what `user_cursor` wrote.

    Raises:
        BadCursorError: anything else.
    """
    _, created_at, user_id = _decode(cursor, _USERS, 3)
    try:
        time, identity = datetime.fromisoformat(created_at), UUID(user_id)
        if time.tzinfo is None:
            raise _bad()
        return time.astimezone(UTC), identity
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise _bad() from error


def activity_cursor(sequence: int) -> str:
    """Return the cursor that continues before this event of a user."""
    return _encode([_ACTIVITY, sequence])


def read_activity_cursor(cursor: str) -> int:
    """Read what `activity_cursor` wrote; raises as `read_user_cursor` does."""
    _, sequence = _decode(cursor, _ACTIVITY, 2)
    if type(sequence) is not int or not 0 < sequence <= _MAX_SEQUENCE:
        raise _bad()
    return sequence


def _encode(parts: list[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def _decode(cursor: str, listing: str, length: int) -> list[Any]:
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        parts = orjson.loads(raw)
    except (binascii.Error, ValueError) as error:
        raise _bad() from error
    if not isinstance(parts, list) or len(parts) != length or parts[0] != listing:
        raise _bad()
    return parts


def _bad() -> BadCursorError:
    return BadCursorError("use the next_cursor of an answer as it is, or none to begin")
