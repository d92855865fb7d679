"""Each kind of fault: injected, its effect seen from outside, ended, and nothing left of it."""

import asyncio
import time
from typing import Any

import httpx
import pytest

from tests.integration.backend.faulty import Condition, Faulty

MEBIBYTES = 200
QUERIES = 60


async def slow(api: Faulty) -> bool:
    return await api.seconds() >= 0.75


async def refused(api: Faulty) -> bool:
    answer = await api.get()
    return answer.status_code == 418 and answer.json()["type"].endswith(":injected-fault")


async def raised(api: Faulty) -> bool:
    counted = 'pharos_exceptions_total{kind="InjectedError"}'
    before = await api.metric(counted)
    answer = await api.get()
    return answer.status_code == 500 and await api.metric(counted) == before + 1


async def multiplied(api: Faulty) -> bool:
    before = api.link.sent
    await api.get()
    return api.link.sent - before >= QUERIES


async def burning(api: Faulty) -> bool:
    """Return whether a process that has nothing to do takes much of a core all the same."""
    began, before = time.monotonic(), await api.metric("process_cpu_seconds_total")
    await asyncio.sleep(0.4)  # what is measured, not waited for
    taken = await api.metric("process_cpu_seconds_total") - before
    return taken / (time.monotonic() - began) > 0.15


async def grown(api: Faulty) -> bool:
    return await api.metric("process_resident_memory_bytes") > api.resident + MEBIBYTES * 2**20 / 2


async def blocked(api: Faulty) -> bool:
    try:
        await api.get(patience=0.5)
    except httpx.TimeoutException:
        return True
    return False


async def exhausted(api: Faulty) -> bool:
    answer = await api.get()
    return answer.status_code == 503 and "busy" in answer.json()["detail"]


async def unready(api: Faulty) -> bool:
    answer = await api.ops.get("/readyz")
    return answer.status_code == 503 and answer.json()["status"] == "withheld"


KINDS: list[tuple[str, dict[str, Any], Condition]] = [
    ("latency", {"delay_seconds": 1, "jitter_seconds": 0.2}, slow),
    ("error-status", {"status": 418}, refused),
    ("exception", {}, raised),
    ("query-multiplication", {"queries": QUERIES}, multiplied),
    ("cpu-burn", {}, burning),
    ("memory-growth", {"mebibytes": MEBIBYTES}, grown),
    ("blocked-loop", {"block_seconds": 20, "pause_seconds": 0}, blocked),
    ("blocked-loop", {"block_seconds": 0.3, "pause_seconds": 0.01, "busy": True}, burning),
    ("blocked-loop", {"block_seconds": 0.1, "pause_seconds": 0.3, "hashing": 90}, burning),
    ("exhausted-pool", {}, exhausted),
    ("failing-readiness", {}, unready),
]


@pytest.mark.parametrize("end", ["reverted", "expired"])
@pytest.mark.parametrize(
    ("kind", "arguments", "at_work"),
    KINDS,
    ids=["-".join((kind, work.__name__, *arguments)) for kind, arguments, work in KINDS],
)
async def test_it_takes_effect_and_leaves_nothing(
    faulty_api: Faulty, kind: str, arguments: dict[str, Any], at_work: Condition, end: str
) -> None:
    api, gauge = faulty_api, f'pharos_faults_active{{kind="{kind}"}}'
    await api.reaches(at_work, wanted=False)
    await api.inject(kind, **arguments)
    await api.reaches(at_work)
    assert await api.metric(gauge) == 1
    await (api.revert(kind) if end == "reverted" else api.expire(kind))
    await api.reaches(Faulty.is_clean)
    assert await api.metric(gauge) == 0
    await api.reaches(at_work, wanted=False)
    await api.tells(kind, "fault-injected", f"fault-{end}")
