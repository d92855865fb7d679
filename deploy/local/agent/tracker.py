"""Whether the error tracker answers: asked of the address in our processes' DSN."""

import asyncio
from urllib.parse import urlsplit

import aiohttp

from backend.observability.metrics import Gauge

ANSWER_SECONDS = 1.0


def address(dsn: str) -> str:
    """Return where the tracker of `http://KEY@HOST[:PORT][/PREFIX]/PROJECT` is, without the key.

    Source of the format: https://develop.sentry.dev/sdk/overview/#parsing-the-dsn
    """
    parts = urlsplit(dsn)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path.rpartition('/')[0]}/"


class TrackerWatch:
    """Asks, and shows the answer as 1 or 0."""

    def __init__(self, dsn: str, gauge: Gauge) -> None:
        self._address = address(dsn)
        self._gauge = gauge

    async def look(self, session: aiohttp.ClientSession) -> None:
        """Set the gauge: any answer within a second that is no server's error is a good one."""
        self._gauge.set(await self._answers(session))

    async def _answers(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with (
                asyncio.timeout(ANSWER_SECONDS),
                session.get(self._address, allow_redirects=False) as answer,
            ):
                return answer.status < 500
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return False
