"""A process of the product that faults are injected into, and what can be seen of them."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.fixtures.running import PATIENCE
from tests.integration.backend.network import Link
from tests.integration.backend.processes import ReplicaProcess
from tests.integration.backend.replicas import until

TOKEN = "the fault token of the suite"
USERS = "/v1/users"

Condition = Callable[["Faulty"], Awaitable[bool]]


@dataclass
class Faulty:
    """One process with its two ports, and the link between it and PostgreSQL."""

    process: ReplicaProcess
    link: Link
    ops: httpx.AsyncClient
    traffic: httpx.AsyncClient
    # Bytes that the process had before anything was injected.
    resident: float = 0.0

    async def inject(self, kind: str, lease_seconds: float = 60, **arguments: Any) -> None:
        """Inject a fault under its kind's name; it holds until the test ends it."""
        answer = await self.ask(kind, lease_seconds, **arguments)
        assert answer.status_code == 201, answer.text

    async def ask(self, kind: str, lease_seconds: float = 60, **arguments: Any) -> httpx.Response:
        asked = {"id": kind, "kind": kind, "arguments": arguments, "lease_seconds": lease_seconds}
        return await self.ops.post("/v1/faults", json=asked)

    async def revert(self, kind: str) -> None:
        answer = await self.ops.delete(f"/v1/faults/{kind}")
        assert answer.status_code == 204, answer.text

    async def expire(self, kind: str) -> None:
        """Give the fault a second more, and wait for its end."""
        renewal = {"lease_seconds": 1}
        answer = await self.ops.post(f"/v1/faults/{kind}/renewal", json=renewal)
        assert answer.status_code == 200, answer.text
        await self.reaches(Faulty.is_clean)

    async def is_clean(self) -> bool:
        return bool(await self.held() == {"faults": [], "residue": []})

    async def held(self) -> Any:
        return (await self.ops.get("/v1/faults")).json()

    async def detail(self) -> str:
        """Return what the one fault that is held says of itself."""
        (fault,) = (await self.held())["faults"]
        return str(fault["detail"])

    async def get(self, path: str = USERS, patience: float = 30) -> httpx.Response:
        return await self.traffic.get(path, timeout=patience)

    async def seconds(self, path: str = USERS) -> float:
        """Return how long an answer takes."""
        began = time.monotonic()
        await self.get(path)
        return time.monotonic() - began

    async def metric(self, sample: str) -> float:
        """Return the value of the sample that is written so; 0 when there is none."""
        text = (await self.ops.get("/metrics")).text
        samples = (line.rpartition(" ") for line in text.splitlines())
        return next((float(value) for name, _, value in samples if name == sample), 0.0)

    async def tells(self, fault: str, *actions: str) -> None:
        """Wait until the last log lines about a fault are of these actions."""

        async def told(_: Faulty) -> bool:
            about = [line for line in self.process.lines() if line.get("pharos.fault") == fault]
            return [line["event.action"] for line in about[-len(actions) :]] == [*actions]

        await self.reaches(told)

    async def reaches(self, holds: Condition, *, wanted: bool = True) -> None:
        """Wait until the condition is true, or not `wanted`, of this process."""

        async def reached() -> bool:
            return await holds(self) is wanted

        await until(reached, seconds=PATIENCE)


@asynccontextmanager
async def faulty(process: ReplicaProcess, link: Link) -> AsyncIterator[Faulty]:
    """Give the process once it is ready; it is stopped in the end."""
    base = f"http://127.0.0.1:{process.ops}", f"http://127.0.0.1:{process.traffic}"
    token = {"authorization": f"Bearer {TOKEN}"}
    try:
        await process.reaches("ready")
        async with (
            httpx.AsyncClient(base_url=base[0], headers=token, trust_env=False, timeout=30) as ops,
            httpx.AsyncClient(base_url=base[1], trust_env=False, timeout=30) as traffic,
        ):
            started = Faulty(process, link, ops, traffic)
            started.resident = await started.metric("process_resident_memory_bytes")
            yield started
    finally:
        await asyncio.to_thread(process.stop)
