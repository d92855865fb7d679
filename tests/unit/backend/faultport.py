"""An ops port with the faults of a worker, and what its fault port answers."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from backend.entrypoints.faults import process_faults
from backend.observability.catalogue import Process
from backend.observability.metrics import Instruments
from backend.ops.faults.registry import Make
from backend.ops.readiness import Readiness
from backend.ops.server import OpsServer, create_ops_app
from backend.settings import Settings

TOKEN = "the token of this test"
BURN = {"id": "burn", "kind": "cpu-burn", "arguments": {"percentage": 1}}
READINESS = {"id": "readiness", "kind": "failing-readiness"}


@contextmanager
def port(offers: Mapping[str, Make] | None = None, **settings: Any) -> Iterator[httpx.Client]:
    """Run an ops port and give a client that has its token."""
    told = Settings(**{"replica_id": "worker", "fault_token": TOKEN, **settings})
    instruments = Instruments(Process.WORKER, "1")
    readiness = Readiness(instruments)
    readiness.ready()
    faults = process_faults(told, instruments, readiness)
    for kind, make in (offers or {}).items():
        faults.offer(kind, make)
    server = OpsServer(
        create_ops_app(Process.WORKER, told, readiness, instruments, faults), "127.0.0.1", 0
    )
    server.start()
    headers = {"authorization": f"Bearer {TOKEN}"}
    base = f"http://127.0.0.1:{server.port}"
    with httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=30) as client:
        yield client
    faults.close()
    server.stop()


def held(ops: httpx.Client) -> dict[str, dict[str, Any]]:
    return {fault["id"]: fault for fault in ops.get("/v1/faults").json()["faults"]}


def refused(answer: httpx.Response) -> tuple[int, list[str]]:
    document = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert document["status"] == answer.status_code
    return answer.status_code, [error["field"] for error in document.get("errors", [])]
