"""How many requests a replica is answering now, from its own metrics."""

import re

import aiohttp

from backend.observability.catalogue import HTTP_IN_FLIGHT

_LINE = re.compile(rf"^{HTTP_IN_FLIGHT.name} (\S+)$", re.MULTILINE)


async def requests_in_flight(session: aiohttp.ClientSession, ops_port: int) -> int | None:
    """Return their number; None when the replica does not say."""
    try:
        async with session.get(f"http://127.0.0.1:{ops_port}/metrics") as answer:
            found = _LINE.search(await answer.text())
    except (aiohttp.ClientError, TimeoutError):
        return None
    return int(float(found.group(1))) if found else None
