"""Reads one line of a web server's access log, in common or combined format.

Source of the format: Apache HTTP Server, mod_log_config, `LogFormat "%h %l %u %t
\\"%r\\" %>s %b"` (common) and the same with referrer and user agent behind it
(combined). Only the common part must be readable: a torn tail loses no event.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

MAX_LINE = 64 * 1024
MAX_PATH = 2048
MAX_AGENT = 512
TIME_LIKE = "17/May/2015:10:05:03 +0000"
MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)

# The user may hold spaces, but no bracket: each pattern then has one way to match,
# and a hostile line costs no more than its length.
_HEAD = re.compile(r'([^\s"\[\]]{1,255}) \S+ [^\[\]"]+? \[')
_TIME = re.compile(
    r"([0-9]{2})/([A-Z][a-z]{2})/([0-9]{4}):([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r" ([+-])([0-9]{2})([0-9]{2})\] "
)
_REQUEST = re.compile(r'"((?:[^"\\]|\\.)*)" ', re.DOTALL)
_STATUS = re.compile(r"([0-9]{3}|-)(?:\s|$)")
_SIZE = re.compile(r"([0-9]{1,18}|-)(?=\s|$)")
_TAIL = re.compile(r' "((?:[^"\\]|\\.)*)"(?: "((?:[^"\\]|\\.)*))?', re.DOTALL)
_TARGET = re.compile(r"([A-Za-z-]{1,32}) (.+?)(?: HTTP/[0-9.]+)?", re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\])')
_CREDENTIALS = re.compile(r"//[^/@]*@")


class MalformedLineError(Exception):
    """The common-log part cannot be read; the message is the reason."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One request as the log tells it; `time` is UTC, None stands for `-` or for nothing.

    `path` and `referrer` carry no query and no credentials, since tokens travel there.
    """

    address: str
    time: datetime
    method: str | None
    path: str | None
    status: int | None
    size: int | None
    referrer: str | None = None
    agent: str | None = None


def parse_line(raw: bytes) -> LogLine:
    """Read one line without its line end.

    Bytes that are no UTF-8 survive as `\\xNN`, and so does NUL, which no JSON
    column can hold.

    Raises:
        MalformedLineError: the common-log part cannot be read.
    """
    text = raw.decode("utf-8", "backslashreplace").replace("\0", "\\x00").strip()
    head = _match(_HEAD, text, 0, "it does not begin with address, identity, user and [time]")
    if head[1] == "-":
        raise MalformedLineError("it names no client address")
    time = _match(_TIME, text, head.end(), f"its time is not like {TIME_LIKE}")
    request = _match(_REQUEST, text, time.end(), "its request is not in double quotes")
    status = _match(_STATUS, text, request.end(), "its status is neither three digits nor '-'")
    size = _match(_SIZE, text, status.end(), "its size is neither a number nor '-'")
    method, path = _target(request[1])
    referrer, agent = _tail(text, size.end())
    return LogLine(
        address=head[1],
        time=_utc(time),
        method=method,
        path=path,
        status=_number(status[1]),
        size=_number(size[1]),
        referrer=referrer,
        agent=agent,
    )


def _match(pattern: re.Pattern[str], text: str, start: int, reason: str) -> re.Match[str]:
    match = pattern.match(text, start)
    if match is None:
        raise MalformedLineError(reason)
    return match


def _utc(match: re.Match[str]) -> datetime:
    day, month, year, hour, minute, second, sign, zone_hours, zone_minutes = match.groups()
    offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
    try:
        local = datetime(
            int(year),
            MONTHS.index(month) + 1,
            int(day),
            int(hour),
            int(minute),
            int(second),
            tzinfo=timezone(-offset if sign == "-" else offset),
        )
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise MalformedLineError(f"its time is no date of the calendar: {match[0][:-2]}") from None


def _number(text: str) -> int | None:
    return None if text == "-" else int(text)


def _target(request: str) -> tuple[str | None, str | None]:
    """Split a request line; a server also logs what never was one (`-`, TLS on a plain port)."""
    match = _TARGET.fullmatch(_unescape(request))
    if match is None:
        return None, None
    return match[1].upper(), _public(match[2])


def _tail(text: str, start: int) -> tuple[str | None, str | None]:
    match = _TAIL.match(text, start)
    if match is None:
        return None, None
    referrer, agent = (_present(part) for part in match.groups())
    return referrer and _public(referrer), agent and agent[:MAX_AGENT]


def _present(part: str | None) -> str | None:
    return _unescape(part) if part and part != "-" else None


def _unescape(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _public(target: str) -> str:
    bare = target.partition("?")[0].partition("#")[0]
    return _CREDENTIALS.sub("//", bare)[:MAX_PATH]
