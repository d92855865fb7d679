"""The question and the answer of a search, the same whichever store is asked."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol

from backend.observability.fields import LEVELS, SERVICES
from deploy.logstore.errors import QueryError
from deploy.logstore.query import Term, parse

MAX_LINES = 1_000
MAX_BARS = 200

_DURATION = re.compile(r"(\d{1,6})\s*(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_REPLICA = re.compile(r"api-\d{1,3}")
_ID = re.compile(r"[\w.:-]{1,128}")

Order = Literal["newest", "oldest"]


@dataclass(frozen=True, slots=True)
class Search:
    """What lines are wanted: all of the conditions hold for each; times are UTC.

    `component` is a kind of process (`api`) or one process (`api-1`).
    """

    terms: tuple[Term, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    level: str | None = None
    component: str | None = None
    request_id: str | None = None
    trace_id: str | None = None
    limit: int = 100
    order: Order = "newest"

    def __post_init__(self) -> None:
        """Refuse what cannot be asked; raises QueryError."""
        if not 1 <= self.limit <= MAX_LINES:
            raise QueryError(f"limit must be from 1 to {MAX_LINES}, not {self.limit}")
        if self.level is not None and self.level not in LEVELS:
            raise QueryError(f"level must be one of {', '.join(LEVELS)}, not {self.level!r}")
        if self.component is not None and not _known(self.component):
            raise QueryError(
                f"no component is called {self.component!r}; those that write lines: "
                f"{', '.join(SERVICES)}, or one replica such as api-1"
            )
        for name, value in (("request id", self.request_id), ("trace id", self.trace_id)):
            if value is not None and not _ID.fullmatch(value):
                raise QueryError(f"{value[:40]!r} is no {name}: letters, digits and . _ : - only")
        if self.since and self.until and self.since >= self.until:
            raise QueryError("since must be before until")

    @property
    def levels(self) -> tuple[str, ...]:
        """The wanted level and those above it; all without one."""
        return LEVELS[LEVELS.index(self.level) :] if self.level else LEVELS


def _known(component: str) -> bool:
    return component in SERVICES or _REPLICA.fullmatch(component) is not None


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `fields` is all of it."""

    at: datetime
    level: str
    component: str
    message: str
    fields: dict[str, Any]

    @classmethod
    def of(cls, fields: dict[str, Any]) -> "Line":
        """Take a line's fields; raises ValueError or KeyError when it is none of ours."""
        return cls(
            at=datetime.fromisoformat(fields["@timestamp"]).astimezone(UTC),
            level=str(fields.get("log.level", "info")),
            component=str(fields.get("service.node.name") or fields.get("service.name") or ""),
            message=str(fields.get("message", "")),
            fields=fields,
        )


@dataclass(frozen=True, slots=True)
class Found:
    """The lines, in the order asked for; `more` when the limit cut some off."""

    lines: list[Line]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """How many lines of each level are in one stretch of time; no level has none."""

    at: datetime
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Histogram:
    """Bars that have lines, oldest first; each is `width` seconds long and starts at a multiple."""

    width: int
    bars: list[Bar]


class LogStore(Protocol):
    """Where lines are found. Methods raise StoreAwayError or TooLongError."""

    def search(self, search: Search) -> Found: ...

    def histogram(self, search: Search, width: int) -> Histogram:
        """Count the lines of `search`, whatever its limit, by time and level."""
        ...

    def close(self) -> None: ...


def duration(text: str) -> timedelta:
    """Read `90s`, `15m`, `2h` or `7d`; raises QueryError."""
    found = _DURATION.fullmatch(text.strip().lower())
    if not found or int(found[1]) == 0:
        raise QueryError(f"{text!r} is no length of time: write it as 90s, 15m, 2h or 7d")
    return timedelta(seconds=int(found[1]) * _SECONDS[found[2]])


def moment(text: str, now: datetime) -> datetime:
    """Read a time: a length before `now`, or ISO 8601 (UTC without a zone); raises QueryError."""
    try:
        given = datetime.fromisoformat(text.strip())
    except ValueError:
        return now - duration(text)
    return (given if given.tzinfo else given.replace(tzinfo=UTC)).astimezone(UTC)


def make_search(  # noqa: PLR0913  one a condition that may be asked for
    text: str = "",
    *,
    now: datetime,
    since: str | None = None,
    until: str | None = None,
    level: str | None = None,
    component: str | None = None,
    request_id: str | None = None,
    trace_id: str | None = None,
    limit: int = 100,
    order: Order = "newest",
) -> Search:
    """Read a search from what a person wrote; raises QueryError."""
    return Search(
        terms=parse(text),
        since=moment(since, now) if since else None,
        until=moment(until, now) if until else None,
        level=level.lower() if level else None,
        component=component or None,
        request_id=request_id or None,
        trace_id=trace_id or None,
        limit=limit,
        order=order,
    )


def bar_width(since: datetime, until: datetime, bars: int = 60) -> int:
    """Return a round length (seconds) that divides the stretch into at most about `bars`."""
    span = (until - since).total_seconds()
    widths = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400)
    return next((width for width in widths if span / width <= bars), 7 * 86400)
