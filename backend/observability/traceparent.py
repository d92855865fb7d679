"""The `traceparent` header: accepted, continued, or begun.

Source: W3C Trace Context, https://www.w3.org/TR/trace-context/#traceparent-header.
What does not follow it is treated as absent, as it asks for.
"""

import random
import re
from typing import NamedTuple

# A later version may append further parts, which we neither know nor hand on.
_FORMAT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
# Where its parts stand in one of ours.
LENGTH, TRACE_ID, SPAN_ID, _FLAGS = 55, slice(3, 35), slice(36, 52), slice(53, 55)
# What nearly every header looks like; whatever does not is taken apart with care.
_USUAL = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[01]")
_UNUSABLE_VERSION = "ff"
_VERSION = "00"
_NO_TRACE, _NO_SPAN = "0" * 32, "0" * 16
SAMPLED, NOT_SAMPLED = "01", "00"

# Ids must be unique, not secret.
_source = random.SystemRandom()
_random = random.Random(_source.getrandbits(128))  # noqa: S311


class TraceParent(NamedTuple):
    """A span's identity; `flags` is `01` where somebody upstream records the trace."""

    trace_id: str
    span_id: str
    flags: str

    def __str__(self) -> str:
        return f"{_VERSION}-{self.trace_id}-{self.span_id}-{self.flags}"

    @property
    def sampled(self) -> bool:
        return bool(int(self.flags, 16) & 1)


def parse(header: str | None) -> TraceParent | None:
    """Return what a header from outside says; None when it is missing or not to be used."""
    found = _FORMAT.fullmatch(header) if header else None
    if found is None:
        return None
    version, trace, span, flags, more = found.groups()
    if version == _UNUSABLE_VERSION or (version == _VERSION and more):
        return None
    if trace == _NO_TRACE or span == _NO_SPAN:
        return None
    return TraceParent(trace, span, SAMPLED if int(flags, 16) & 1 else NOT_SAMPLED)


def split(ours: str | None) -> TraceParent | None:
    """Take a `traceparent` apart that we made or have parsed before."""
    if ours is None or len(ours) != LENGTH:
        return None
    return TraceParent(ours[TRACE_ID], ours[SPAN_ID], ours[_FLAGS])


def continued(header: str | None) -> str:
    """Return the `traceparent` of a new span: below the header's, or the first of a new trace."""
    span = f"{_random.getrandbits(64) or 1:016x}"
    if header is not None and _USUAL.fullmatch(header):
        return f"{header[:36]}{span}{header[52:]}"
    parent = parse(header)
    if parent is None:
        return f"{_VERSION}-{_random.getrandbits(128) or 1:032x}-{span}-{NOT_SAMPLED}"
    return f"{_VERSION}-{parent.trace_id}-{span}-{parent.flags}"
