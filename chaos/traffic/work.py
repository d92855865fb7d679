"""What a run does: events to post and, in traffic of our own, reads between them."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

from backend.schemas.runs import SentEvent
from chaos.traffic import pace
from chaos.traffic.accesslog import LogLine
from chaos.traffic.trace import Numbered, Trace

TYPES = {
    2: "web.request.served",
    3: "web.request.redirected",
    4: "web.request.refused",
    5: "web.request.failed",
}
UNCHANGED = "web.request.unchanged"
OTHER = "web.request.logged"

OWN_USERS = 50
OWN_EVENTS = {"demo.page.viewed": 8, "demo.cart.changed": 3, "demo.order.placed": 1}
# Of 20 requests of our own, 16 post an event, 3 read a user and 1 reads his activity.
OWN_MIX = {"event": 16, "user": 3, "activity": 1}


@dataclass(frozen=True, slots=True)
class Post:
    """An event of the user who is known as `user`; the subject is filled in when he has an id."""

    user: str
    identity: SentEvent
    type: str
    time: datetime
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Read:
    """A read of the user, or of what hangs under him (`/events`)."""

    user: str
    below: str = ""


Work = Post | Read
Schedule = Iterator[tuple[float, Work]]


def event_type(line: LogLine) -> str:
    """Return one of six types, by the status class, so that counts by type mean something."""
    if line.status is None:
        return OTHER
    return UNCHANGED if line.status == 304 else TYPES.get(line.status // 100, OTHER)


def replayed(entry: Numbered, repeat: int, source: str) -> Post:
    """Make the event of one line; `source`, repeat and line number are its identity."""
    line = entry.line
    data = {
        "method": line.method,
        "path": line.path,
        "status": line.status,
        "bytes": line.size,
        "referrer": line.referrer,
        "agent": line.agent,
    }
    return Post(
        user=line.address,
        identity=SentEvent(source=source, id=f"{repeat}-{entry.number}"),
        type=event_type(line),
        time=line.time,
        data={name: value for name, value in data.items() if value is not None},
    )


def at_rate(trace: Trace, repeats: int | None, rate: float, source: str) -> Schedule:
    """Replay in the file's order at a constant rate."""
    works = (
        replayed(entry, repeat, source)
        for repeat in _rounds(repeats)
        for entry in trace.in_file_order()
    )
    return pace.constant(works, rate)


def at_speed(trace: Trace, repeats: int | None, speed: float, source: str) -> Schedule:
    """Replay in the order of time with the recorded rhythm, `speed` times faster.

    Sorts before it returns: that work must not make the first request late.
    """
    lines = trace.by_time()
    return (
        (due, replayed(entry, repeat, source))
        for repeat in _rounds(repeats)
        for due, entry in pace.recorded(
            lines, trace.first, speed, begin=(repeat - 1) * trace.span / speed
        )
    )


def _rounds(limit: int | None) -> Iterable[int]:
    return count(1) if limit is None else range(1, limit + 1)


def own(rate: float, source: str, seed: str) -> Schedule:
    """Make traffic of our own: 50 users, 80 % events and 20 % reads, without end."""
    return pace.constant(_mixed(source, random.Random(seed)), rate)  # noqa: S311 - a mix, no secret


def _mixed(source: str, dice: random.Random) -> Iterator[Work]:
    for number in count(1):
        user = f"load-{dice.randint(1, OWN_USERS):02}"
        kind = _pick(dice, OWN_MIX)
        if kind == "event":
            identity = SentEvent(source=source, id=f"1-{number}")
            chosen = _pick(dice, OWN_EVENTS)
            yield Post(user, identity, chosen, datetime.now(UTC), {"number": number})
        else:
            yield Read(user, "" if kind == "user" else "/events")


def _pick(dice: random.Random, shares: dict[str, int]) -> str:
    return dice.choices(list(shares), list(shares.values()))[0]
