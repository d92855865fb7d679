"""What signals cost a request: metrics, logs, trace and errors, each and together, against none.

Six replicas run side by side on a running stack's servers, and take many short
turns, so that the machine's noise falls on all of them. The client is
raw, so that it costs less than what it measures, and takes one core while the
replica takes the other. Two figures a turn: requests a second, and the
replica's own CPU time a request, which a busy machine disturbs least.
"""

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx
import psutil

from deploy.home import PROJECT, Home
from deploy.secrets import read_secret
from tests.bench.variants import NONE, VARIANTS, environment

ROUNDS, SECONDS, CONNECTIONS = 40, 0.3, 12
START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent, again and again, and what it is called in the report.

    `NUMBER` in `raw` becomes another one of the same length each time.
    """

    name: str
    raw: bytes

    def next(self) -> bytes:
        return self.raw.replace(NUMBER, b"%012d" % next(_numbers))


NUMBER = b"[  number  ]"
# No two runs on one stack send the same.
_numbers = count(time.time_ns() // 1_000_000 % 10**9 * 1000)


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians over the rounds; the ratios are a round's own against `none` in the same round."""

    variant: str
    per_second: float
    throughput_ratio: float
    cpu_microseconds: float
    cpu_ratio: float


@dataclass(frozen=True, slots=True)
class _Turn:
    per_second: float
    cpu_microseconds: float


class _Client(asyncio.Protocol):
    """Sends a request, and the next one when the answer has come, until told to stop."""

    def __init__(self, request: Request, deadline: float) -> None:
        self._request, self._deadline = request, deadline
        self._missing = 0
        self.answered = self.refused = 0
        self.over = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request.next())

    def data_received(self, data: bytes) -> None:
        if self._missing == 0:
            head, _, body = data.partition(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            self._missing = length - len(body)
            self.refused += not data.startswith(b"HTTP/1.1 2")
        else:
            self._missing -= len(data)
        if self._missing == 0:
            self._answered()

    def _answered(self) -> None:
        self.answered += 1
        if time.perf_counter() < self._deadline:
            self._transport.write(self._request.next())
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.over.done():
            self.over.set_result(exc)


async def _turn(port: int, process: psutil.Process, request: Request) -> _Turn:
    loop = asyncio.get_running_loop()
    before, began = _on_cpu(process), time.perf_counter()
    deadline = began + SECONDS
    clients = [
        (await loop.create_connection(lambda: _Client(request, deadline), "127.0.0.1", port))[1]
        for _ in range(CONNECTIONS)
    ]
    await asyncio.gather(*(client.over for client in clients))
    seconds = time.perf_counter() - began
    cpu = _on_cpu(process) - before
    answered = sum(client.answered for client in clients)
    if any(client.refused for client in clients) or not answered:
        raise RuntimeError("the replica refused requests: nothing was measured")
    return _Turn(answered / seconds, 1e6 * cpu / answered)


def _on_cpu(process: psutil.Process) -> float:
    """Return the seconds that a process' threads have run, to the nanosecond, unlike its times.

    Source: `/proc/PID/task/TID/schedstat`, Linux' Documentation/scheduler/sched-stats.
    """
    tasks = Path(f"/proc/{process.pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def _replica(home: Home, variant: str, folder: Path) -> Iterator[tuple[int, psutil.Process]]:
    port = _free_port()
    process = subprocess.Popen(
        (sys.executable, "-m", "tests.bench.variants", variant),
        cwd=PROJECT,
        env=os.environ | home.product_environment | environment(variant, port, folder),
    )
    try:
        _wait_until_it_answers(port, process)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(10)


def _wait_until_it_answers(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"http://127.0.0.1:{port}/v1/openapi.json", trust_env=False)
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"a replica of the bench did not start (exit code {process.poll()})")


def requests(home: Home) -> list[Request]:
    """Return the cheapest request of the product, a read of PostgreSQL, and a write."""
    token = read_secret(home.keys, "service_token")
    body = {"email": "bench@visitor.example", "name": "Bench"}
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "bench-reads"}
    gateway = f"http://127.0.0.1:{home.ports['gateway']}"
    answer = httpx.post(f"{gateway}/v1/users", json=body, headers=headers, trust_env=False)
    user = answer.raise_for_status().json()["id"]
    return [
        Request("read a user from the cache", _raw(f"/v1/users/{user}", token)),
        Request("list users from PostgreSQL", _raw("/v1/users?limit=20", token)),
        Request("create a user", _raw("/v1/users", token, _new_user())),
    ]


def _new_user() -> bytes:
    user = {"email": f"bench-{NUMBER.decode()}@visitor.example", "name": "Bench"}
    return json.dumps(user).encode()


def _raw(path: str, token: str, body: bytes = b"") -> bytes:
    lines = [
        f"{'POST' if body else 'GET'} {path} HTTP/1.1",
        "host: bench",
        f"authorization: Bearer {token}",
        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
        "x-request-id: 4bf92f35-77b3-4da6-a3ce-929d0e0e4736",
    ]
    if body:
        lines += ["content-type: application/json", f"content-length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def measure(home: Home) -> dict[str, list[Cost]]:
    """Measure on a running stack; returns the costs by request.

    Raises:
        RuntimeError: a replica did not start, or refused requests.
        httpx.HTTPError: the stack does not answer.
    """
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        replicas = {
            variant: stack.enter_context(_replica(home, variant, Path(folder)))
            for variant in VARIANTS
        }
        return {request.name: asyncio.run(_rounds(replicas, request)) for request in requests(home)}


async def _rounds(replicas: dict[str, tuple[int, psutil.Process]], request: Request) -> list[Cost]:
    rounds: list[dict[str, _Turn]] = []
    for number in range(ROUNDS + 1):
        # Another order each time: who follows whom must not matter.
        order = [*VARIANTS[number % len(VARIANTS) :], *VARIANTS[: number % len(VARIANTS)]]
        rounds.append({variant: await _turn(*replicas[variant], request) for variant in order})
    counted = rounds[1:]
    return [_cost(variant, counted) for variant in VARIANTS]


def _cost(variant: str, rounds: list[dict[str, _Turn]]) -> Cost:
    median = statistics.median
    return Cost(
        variant,
        median(each[variant].per_second for each in rounds),
        median(each[variant].per_second / each[NONE].per_second for each in rounds),
        median(each[variant].cpu_microseconds for each in rounds),
        median(each[variant].cpu_microseconds / each[NONE].cpu_microseconds for each in rounds),
    )
