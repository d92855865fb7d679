"""When a freeze window holds, by the clocks of its zone."""

from datetime import datetime
from typing import Any

import pytest

from console.control.services.freeze_times import holds_until, in_words
from console.guard_schemas import FreezeWindow

ONCE = {"from": "2026-12-24T00:00", "to": "2026-12-27T00:00"}
# 2026-11-27 is a Friday.
NIGHTS = {"hours": "22:00-06:00", "weekdays": ["fri"]}


def _window(**said: Any) -> FreezeWindow:
    return FreezeWindow.model_validate({"name": "one", "reason": "a test", **said})


@pytest.mark.parametrize(
    ("said", "now", "until"),
    [
        ({"hours": "09:00-17:00"}, "2026-11-28T12:00Z", "2026-11-28T17:00Z"),
        ({"hours": "09:00-17:00"}, "2026-11-28T17:00Z", None),
        ({"hours": "18:00-24:00"}, "2026-11-28T23:59Z", "2026-11-29T00:00Z"),
        ({"hours": "18:00-24:00"}, "2026-11-29T00:00Z", None),
        (NIGHTS, "2026-11-27T23:00Z", "2026-11-28T06:00Z"),
        # A night belongs to the day on which it begins.
        (NIGHTS, "2026-11-28T05:00Z", "2026-11-28T06:00Z"),
        (NIGHTS, "2026-11-27T05:00Z", None),
        (NIGHTS, "2026-11-28T23:00Z", None),
        (ONCE, "2026-12-26T23:59Z", "2026-12-27T00:00Z"),
        (ONCE, "2026-12-27T00:00Z", None),
        (ONCE | {"timezone": "Europe/Berlin"}, "2026-12-23T23:00Z", "2026-12-26T23:00Z"),
        # The clocks of Berlin go back at 01:00 UTC, and the second 02:30 is within, too.
        (
            {"hours": "02:00-04:00", "timezone": "Europe/Berlin"},
            "2026-10-25T01:30Z",
            "2026-10-25T03:00Z",
        ),
    ],
)
def test_a_window_holds_from_its_beginning_until_just_before_its_end(
    said: dict[str, Any], now: str, until: str | None
) -> None:
    ends = holds_until(_window(**said), datetime.fromisoformat(now))
    assert ends == (datetime.fromisoformat(until) if until else None)


def test_a_window_says_when_it_holds() -> None:
    assert in_words(_window(**NIGHTS)) == "fri 22:00-06:00 UTC"
    assert in_words(_window(**ONCE)) == "2026-12-24 00:00 to 2026-12-27 00:00 UTC"
