"""Growing delays with jitter, and pauses that a stop cuts short."""

import asyncio
import contextlib
import random


class Backoff:
    """Seconds to wait before the next attempt: doubling up to a ceiling.

    Half of each delay is random, so that processes which failed together do not
    come back together.
    """

    def __init__(self, first: float = 0.2, ceiling: float = 5.0) -> None:
        self._first = first
        self._ceiling = ceiling
        self._attempt = 0

    def next(self) -> float:
        full = min(self._ceiling, self._first * 2.0**self._attempt)
        self._attempt = min(self._attempt + 1, 32)
        return full / 2 + random.uniform(0, full / 2)  # noqa: S311 - spreading, not secrecy

    def reset(self) -> None:
        self._attempt = 0


async def pause(stopping: asyncio.Event, seconds: float) -> None:
    """Wait `seconds`, or until `stopping` is set."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
