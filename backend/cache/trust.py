"""When the cache may be believed, though some replica cannot reach it.

The trouble: a change is committed, and its writer cannot tell Redis. Another
replica still can reach Redis, and would go on serving the old entry; or Redis
was away for all, and comes back with what it had.

The way out: the database keeps the cache's *era* (a number, and whether it is
trusted). Entries live under the era's number. A writer that cannot reach Redis
ends the era in the very transaction that makes the change. A replica may read
the cache only while it holds a term: PostgreSQL has confirmed the era to it less
than `TERM_SECONDS` ago. The writer answers only once every term that was
granted before its commit has run out. From then on nobody reads the old era
again: the next one starts empty, once Redis answers, and every term of the
old one is over.

What this guarantees: after a PATCH or DELETE was answered, no replica serves an
older answer, whatever Redis and the network between do: away, slow, cut off
from some replicas, or back with old data. What it costs: a small read every
`READ_SECONDS` a replica; while Redis cannot be reached, reads come from
PostgreSQL, and a change in the first moment waits up to `TERM_SECONDS`; while
PostgreSQL cannot be reached, cached reads end with the term. What it assumes:
clocks on the replicas run at about the same rate; they need not agree.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Protocol

from backend.domain.eras import Era
from backend.domain.errors import DependencyUnavailableError

logger = logging.getLogger(__name__)

TERM_SECONDS = 1.0
READ_SECONDS = 0.3
# Every term of an era that has ended is over, with a margin for clocks that run unevenly.
PAUSE_SECONDS = 1.2


class Eras(Protocol):
    """Where the era is kept; each call is a transaction of its own."""

    async def read(self) -> Era: ...

    async def distrust(self) -> int: ...

    async def begin(self, after: int) -> bool: ...


class Pingable(Protocol):
    async def ping(self) -> None: ...


class Trust:
    """One replica's term, and its share in ending and beginning eras."""

    def __init__(
        self, eras: Eras, cache: Pingable, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._eras = eras
        self._cache = cache
        self._clock = clock
        self._era: Era | None = None
        self._term_end = 0.0
        self._distrusted: tuple[int, float] | None = None
        self._owes_distrust = False

    def era(self) -> int | None:
        """Return the era whose entries may be read at this moment; None: read PostgreSQL.

        Ask again after an entry was read: only then does the answer hold for it.
        """
        if self._era is None or not self._era.trusted or self._clock() >= self._term_end:
            return None
        return self._era.number

    async def distrust(self) -> None:
        """End the era for a change that is committed and could not be told to Redis.

        Returns when nobody reads that era any longer.

        Raises:
            DependencyUnavailableError: PostgreSQL is away as well; `keep` ends
                the era as soon as it can, and this replica reads nothing until then.
        """
        self._owes_distrust = True
        number = await self.pay()
        if number is not None:
            await self.terms_over(number)

    async def terms_over(self, number: int) -> None:
        """Wait until every term from before era `number`, which is not trusted, has run out.

        Call it after the commit of the change that ended the era, or found it ended.
        """
        self._note(Era(number, trusted=False))
        since = self._distrusted[1] if self._distrusted is not None else self._clock()
        await asyncio.sleep(max(0.0, since + PAUSE_SECONDS - self._clock()))

    async def keep(self) -> None:
        """Renew the term, and begin a new era when that is due, until cancelled.

        An outage is told at its beginning and at its end.
        """
        hindered = False
        while True:
            try:
                await self.pay()
                await self.renew()
                await self.begin_when_due()
            except DependencyUnavailableError as error:
                if not hindered:
                    logger.warning("The cache cannot be kept in use: %s", error)
                hindered = True
            else:
                if hindered:
                    logger.info("The cache can be kept in use again")
                hindered = False
            await asyncio.sleep(READ_SECONDS)

    async def renew(self) -> None:
        """Ask PostgreSQL for the era once; the term counts from before the question."""
        asked_at = self._clock()
        era = await self._eras.read()
        self._note(era)
        if not self._owes_distrust:
            self._era, self._term_end = era, asked_at + TERM_SECONDS

    def _note(self, era: Era) -> None:
        """Remember since when, at the latest, an era that is not trusted has been there for all."""
        if era.trusted:
            self._distrusted = None
            return
        self._era = None
        if self._distrusted is None or self._distrusted[0] != era.number:
            self._distrusted = (era.number, self._clock())

    async def pay(self) -> int | None:
        """End the era if that is still owed; return its successor's number if it was."""
        if not self._owes_distrust:
            return None
        self._era = None
        number = await self._eras.distrust()
        self._owes_distrust = False
        return number

    async def begin_when_due(self) -> None:
        """Begin a new era once the old one is over for all and Redis answers."""
        if self._distrusted is None:
            return
        number, since = self._distrusted
        if self._clock() < since + PAUSE_SECONDS:
            return
        await self._cache.ping()
        if await self._eras.begin(after=number):
            logger.warning("A new era of the cache begins", extra={"event.action": "cache-era"})
