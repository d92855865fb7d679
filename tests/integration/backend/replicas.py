"""API replicas inside the test's process: the real app, wired by the real entrypoint."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from backend.entrypoints.api import product
from backend.entrypoints.faults import process_faults
from backend.entrypoints.runtime import Runtime
from backend.observability.catalogue import Process
from backend.observability.errors import ErrorReports
from backend.observability.metrics import Instruments
from backend.ops.readiness import Readiness
from backend.settings import Settings
from tests.fixtures.running import PATIENCE

CLOUD_EVENT = {"content-type": "application/cloudevents+json"}


class Replica:
    """One replica's HTTP client, and its metrics."""

    def __init__(self, client: httpx.AsyncClient, instruments: Instruments) -> None:
        self.http = client
        self._instruments = instruments

    async def new_user(self, name: str = "Ann", email: str | None = None) -> str:
        body = {"name": name, "email": email or f"{uuid4().hex}@example.org"}
        answer = await self.http.post("/v1/users", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def name_of(self, user: str) -> str:
        answer = await self.http.get(f"/v1/users/{user}")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["name"])

    async def rename(self, user: str, name: str) -> None:
        answer = await self.http.patch(f"/v1/users/{user}", json={"name": name})
        assert answer.status_code == 200, answer.text

    async def post_event(self, user: str, **attributes: Any) -> httpx.Response:
        event = {
            "specversion": "1.0",
            "id": uuid4().hex,
            "source": "urn:test",
            "type": "page.viewed",
            "subject": user,
            **attributes,
        }
        return await self.http.post("/v1/events", json=event, headers=CLOUD_EVENT)

    def metric(self, line: str) -> float:
        """Return the value of the sample that is written `line`; 0 when it is not there yet."""
        body, _ = self._instruments.exposition()
        samples = (text.rpartition(" ") for text in body.decode().splitlines())
        return next((float(value) for name, _, value in samples if name == line), 0.0)

    def accepted(self, kind: str, result: str = "new") -> float:
        return self.metric(f'pharos_events_accepted_total{{result="{result}",type="{kind}"}}')

    def cached(self, result: str) -> float:
        return self.metric(f'pharos_cache_requests_total{{result="{result}"}}')


@contextlib.asynccontextmanager
async def replica(settings: Settings, token: str) -> AsyncIterator[Replica]:
    """Run one replica; returns once it has a term of the cache, or at once without PostgreSQL."""
    instruments = Instruments(Process.API, settings.release)
    readiness = Readiness(instruments)
    faults = process_faults(settings, instruments, readiness)
    runtime = Runtime(settings, instruments, ErrorReports(instruments), readiness, faults)
    async with product(runtime) as app:
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://replica",
            headers={"authorization": f"Bearer {token}"},
            timeout=30,
        )
        async with client:
            yield Replica(client, instruments)


async def waiting(connection: asyncpg.Connection, count: int) -> bool:
    """Return whether so many statements wait for a lock in this test's database."""
    await connection.execute("SELECT pg_stat_clear_snapshot()")
    waiting: int = await connection.fetchval(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    return waiting == count


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = PATIENCE) -> None:
    """Wait until the condition holds."""
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110  what it asks is on the other side of a socket
            await asyncio.sleep(0.02)
