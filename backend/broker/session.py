"""Staying connected: open, serve a session, and open again when the link is lost."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from backend.broker.errors import BrokerError
from backend.broker.links import Link
from backend.resilience.backoff import Backoff, pause
from backend.settings import Settings

log = logging.getLogger(__name__)

SETTLED_SECONDS = 5.0
LONGEST_DELAY_SECONDS = 3.0


async def keep_connected(
    settings: Settings,
    serve: Callable[[Link], Awaitable[None]],
    stopping: asyncio.Event,
    on_change: Callable[[bool], None],
) -> None:
    """Call `serve` with an open link, again and again, until `stopping` is set.

    `serve` returns when it is told to stop, or raises BrokerError when the link
    is lost. Delays between attempts grow with jitter, and start small again
    once a session has lasted. `on_change` hears whether the link is open.
    """
    backoff = Backoff(ceiling=LONGEST_DELAY_SECONDS)
    loop = asyncio.get_running_loop()
    while not stopping.is_set():
        since = loop.time()
        try:
            await _one_session(settings, serve, on_change)
        except BrokerError as error:
            if loop.time() - since > SETTLED_SECONDS:
                backoff.reset()
            delay = backoff.next()
            log.warning("no link to the broker, next attempt in %.1f s: %s", delay, error)
            await pause(stopping, delay)


async def _one_session(
    settings: Settings, serve: Callable[[Link], Awaitable[None]], on_change: Callable[[bool], None]
) -> None:
    link = await Link.open(settings)
    on_change(True)
    log.info("connected to the broker")
    try:
        await serve(link)
    finally:
        on_change(False)
        await link.close()
