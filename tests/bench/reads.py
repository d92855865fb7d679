"""What a user's read costs: from the cache, past the gateway, and against a peer.

The peer is the same replica's answer to a path that it does not know: all of
the server and none of the product. Ratios of one run compare; requests a
second of one machine do not.
"""

import asyncio
import statistics
import time
from dataclasses import dataclass

import aiohttp

from deploy.home import Home
from deploy.secrets import read_secret

ROUNDS, SECONDS, CLIENTS = 5, 1.0, 16
PEER = "peer: unknown path, straight to a replica"


@dataclass(frozen=True, slots=True)
class Measured:
    """Requests a second: the median of the rounds, and its ratio to the peer's."""

    name: str
    rate: float
    ratio: float


async def _rate(session: aiohttp.ClientSession, url: str) -> float:
    """Ask as fast as answers come, from a fixed number of clients, for one round."""
    deadline = time.perf_counter() + SECONDS
    done = 0

    async def client() -> None:
        nonlocal done
        while time.perf_counter() < deadline:
            async with session.get(url) as answer:
                await answer.read()
            done += 1

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return done / SECONDS


async def _user(session: aiohttp.ClientSession, gateway: str, token: str) -> str:
    body = {"email": "bench@visitor.example", "name": "Bench"}
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "bench-reads"}
    async with session.post(f"{gateway}/v1/users", json=body, headers=headers) as answer:
        answer.raise_for_status()
        return str((await answer.json())["id"])


async def measure(home: Home) -> list[Measured]:
    """Measure a running stack; the rounds of all subjects take turns, so that noise is shared."""
    gateway = f"http://127.0.0.1:{home.ports['gateway']}"
    replica = f"http://127.0.0.1:{home.ports.replica(1)[0]}"
    async with aiohttp.ClientSession() as session:
        user = await _user(session, gateway, read_secret(home.keys, "service_token"))
        subjects = {
            PEER: f"{replica}/unknown",
            "cached user, straight to a replica": f"{replica}/v1/users/{user}",
            "cached user, through the gateway": f"{gateway}/v1/users/{user}",
            "first page of users, through the gateway": f"{gateway}/v1/users?limit=20",
        }
        rates: dict[str, list[float]] = {name: [] for name in subjects}
        for _ in range(ROUNDS):
            for name, url in subjects.items():
                rates[name].append(await _rate(session, url))
    peer = statistics.median(rates[PEER])
    medians = {name: statistics.median(found) for name, found in rates.items()}
    return [Measured(name, rate, rate / peer) for name, rate in medians.items()]
