"""The gateway, real, in front of two tiny replicas."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import aiohttp
import pytest

from backend.api.limits import MAX_BODY_BYTES
from deploy.envoy.endpoints import endpoints_file, write_endpoints
from deploy.home import Home
from deploy.local.acquire import Programs
from deploy.local.servers import gateway
from tests.fixtures.running import PATIENCE, eventually, listening
from tests.integration.deploy_servers.running import Running, running, wait_for

Client = aiohttp.ClientSession
Replicas = list[subprocess.Popen[bytes]]
BACKEND = Path(__file__).with_name("backend.py")
Spawn = Callable[[int], subprocess.Popen[bytes]]
Answers = Counter[tuple[int, str]]  # by status and attempts


@pytest.fixture
def spawn(home: Home) -> Iterator[Spawn]:
    """Start the tiny replica of a slot; what is left at the end is killed."""
    started: list[subprocess.Popen[bytes]] = []

    def start(slot: int) -> subprocess.Popen[bytes]:
        port = str(home.ports.replica(slot)[0])
        started.append(subprocess.Popen((sys.executable, "-I", BACKEND, port, f"api-{slot}")))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait(10)


@pytest.fixture
def envoy(home: Home, programs: Programs, spawn: Spawn) -> Iterator[Running]:
    with running(gateway.component(home, programs, replicas=2)) as started:
        yield started


@pytest.fixture
async def client(home: Home, envoy: Running) -> AsyncIterator[Client]:
    base = f"http://127.0.0.1:{home.ports['gateway']}"
    async with aiohttp.ClientSession(base) as session:
        yield session


@pytest.fixture
async def replicas(home: Home, spawn: Spawn, client: Client) -> Replicas:
    processes = [spawn(1), spawn(2)]
    # Asked before they listen, they would be ejected for a while.
    for slot in (1, 2):
        await_listening(home, slot)
    await until_answered_by(client, {"api-1", "api-2"})
    return processes


def await_listening(home: Home, slot: int) -> None:
    address = ("127.0.0.1", home.ports.replica(slot)[0])
    eventually(lambda: listening(home), lambda found: address in found, f"api-{slot} listens")


async def answers(client: Client, count: int, path: str = "/v1/x") -> Counter[str]:
    """Send requests one after another; count who answered (`gateway` is nobody)."""
    found: Counter[str] = Counter()
    for _ in range(count):
        async with client.get(path) as response:
            found[response.headers.get("x-replica", "gateway")] += 1
    return found


async def until_answered_by(client: Client, replicas: set[str]) -> None:
    for _ in range(200):
        if set(await answers(client, 8)) == replicas:
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"requests never went to exactly {replicas}")


async def load(client: Client, done: asyncio.Event, found: Answers) -> None:
    """Send reads and events, eight at a time, until told; count in `found` what is answered."""

    async def send() -> None:
        while not done.is_set():
            for method, path in (("GET", "/v1/users/1"), ("POST", "/v1/events")):
                async with client.request(method, path) as response:
                    await response.read()
                    attempts = response.headers.get("x-envoy-attempt-count", "0")
                    found[response.status, attempts] += 1

    await asyncio.gather(*(send() for _ in range(8)))


async def until_more(found: Answers, count: int, load: asyncio.Task[None]) -> None:
    """Wait for so many more answers, however many the machine gives in a second."""
    wanted = found.total() + count
    async with asyncio.timeout(PATIENCE):
        while found.total() < wanted and not load.done():  # noqa: ASYNC110  a count tells nobody
            await asyncio.sleep(0.05)


def failures(home: Home) -> list[str]:
    """Return the lines of the access log that tell of a failure, with the gateway's flags."""
    lines = (home.logs / "gateway-access.log").read_text().splitlines()
    return [line for line in lines if json.loads(line)["http.response.status_code"] >= 500]


async def test_a_killed_replica_fails_no_request_that_may_be_repeated(
    home: Home, client: Client, replicas: Replicas
) -> None:
    done, found = asyncio.Event(), Answers()
    running_load = asyncio.create_task(load(client, done, found))
    await until_more(found, 101, running_load)
    replicas[0].kill()
    await asyncio.sleep(1.5)
    await until_more(found, 100, running_load)
    done.set()
    await running_load
    assert {status for status, _ in found} == {200}, failures(home)
    assert found.total() > 200
    assert any(attempts != "1" for _, attempts in found), "nothing was in flight at the kill"


async def test_new_endpoints_fail_nothing_and_are_used(
    home: Home, client: Client, replicas: Replicas, spawn: Spawn
) -> None:
    spawn(3)
    await_listening(home, 3)
    done, found = asyncio.Event(), Answers()
    running_load = asyncio.create_task(load(client, done, found))
    slots = (2, 3)
    write_endpoints(
        endpoints_file(home), [("127.0.0.1", home.ports.replica(slot)[0]) for slot in slots]
    )
    await until_answered_by(client, {"api-2", "api-3"})
    done.set()
    await running_load
    assert {status for status, _ in found} == {200}


async def test_a_replica_that_answers_503_itself_is_not_ejected(
    client: Client, replicas: Replicas
) -> None:
    for _ in range(40):
        async with client.get("/v1/unavailable") as response:
            assert response.status == 503
            assert await response.json() == {"title": "no database"}
    assert set(await answers(client, 8)) == {"api-1", "api-2"}


async def test_without_a_replica_the_gateway_answers_a_problem_document(client: Client) -> None:
    async with client.get("/v1/users") as response:
        problem = await response.json()
        assert (response.status, response.content_type) == (503, "application/problem+json")
        assert response.headers["retry-after"] == "1"
    assert problem["status"] == 503
    assert problem["request_id"] == response.headers["x-request-id"]


async def test_a_path_outside_the_api_is_a_problem_document(client: Client) -> None:
    async with client.get("/metrics") as response:
        assert (response.status, response.content_type) == (404, "application/problem+json")
        assert "/v1" in (await response.json())["detail"]


async def test_a_body_over_the_limit_is_refused_before_a_replica_sees_it(
    client: Client, replicas: Replicas
) -> None:
    async with client.post("/v1/events", data=b"x" * (MAX_BODY_BYTES + 1)) as response:
        assert (response.status, response.content_type) == (413, "application/problem+json")
        assert "64 KiB" in (await response.json())["detail"]
    seen = [(await (await client.get("/v1/x")).json())["seen"] for _ in replicas]
    assert all("/v1/events" not in paths for paths in seen)


async def test_a_body_that_a_replica_would_take_reaches_it(
    client: Client, replicas: Replicas
) -> None:
    async with client.post("/v1/events", data=b"x" * MAX_BODY_BYTES) as response:
        assert response.status == 200


async def test_what_may_not_be_repeated_is_sent_once(client: Client, replicas: Replicas) -> None:
    async with client.patch("/v1/users/1/broken") as response:
        assert (response.status, response.content_type) == (502, "application/problem+json")
        assert "read back" in (await response.json())["detail"]
    seen = [(await (await client.get("/v1/x")).json())["seen"] for _ in replicas]
    assert sum(paths.get("/v1/users/1/broken", 0) for paths in seen) == 1


@pytest.mark.parametrize(("key", "statuses"), [({}, {200, 502}), ({"Idempotency-Key": "k"}, {200})])
async def test_a_new_user_is_sent_again_only_with_a_key(
    client: Client, replicas: Replicas, key: dict[str, str], statuses: set[int]
) -> None:
    found = set()
    for _ in range(4):
        async with client.post("/v1/users", headers=key | {"x-break": "api-1"}) as response:
            found.add(response.status)
    assert found == statuses


async def test_a_caller_cannot_steer_the_gateway_by_its_headers(
    client: Client, replicas: Replicas
) -> None:
    steering = {"x-envoy-upstream-rq-timeout-ms": "1", "x-envoy-max-retries": "0"}
    async with client.get("/v1/slow", headers=steering) as response:
        assert response.status == 200
        forwarded = (await response.json())["headers"]
    assert not set(steering) & set(forwarded)


async def test_a_request_id_is_kept_or_made_and_reaches_the_replica(
    client: Client, replicas: Replicas
) -> None:
    for headers in ({"x-request-id": "mine-1"}, {}):
        async with client.get("/v1/x", headers=headers) as response:
            returned = response.headers["x-request-id"]
            assert returned == (await response.json())["headers"]["x-request-id"]
        assert returned == headers.get("x-request-id", returned)


async def test_each_request_is_one_line_of_ecs(
    home: Home, client: Client, replicas: Replicas
) -> None:
    async with client.get("/v1/x", headers={"x-request-id": "in-the-log"}):
        pass
    log = home.logs / "gateway-access.log"
    wait_for(lambda: "in-the-log" in log.read_text(), "the access log's line")
    line = next(line for line in log.read_text().splitlines() if "in-the-log" in line)
    entry = json.loads(line)
    assert entry["http.response.status_code"] == 200
    assert entry["url.path"] == "/v1/x"
    assert entry["pharos.gateway.attempts"] == 1


async def test_what_could_be_a_secret_or_an_address_is_not_in_the_access_log(
    home: Home, client: Client, replicas: Replicas
) -> None:
    planted = ("ann@example.org", "hunter22", "ann%40")
    for headers in ({"user-agent": "a ann@example.org"}, {"x-request-id": "token=hunter22"}):
        async with client.get("/v1/x?password=hunter22", headers=headers):
            pass
    async with client.get("/v1/ann%40example.org", headers={"user-agent": "bot/1"}):
        pass
    log = home.logs / "gateway-access.log"
    wait_for(lambda: log.read_text().count("[redacted] 200") == 3, "three guarded lines")
    assert not [word for word in planted if word in log.read_text()]


async def test_the_administration_port_shows_metrics_and_neither_stops_nor_changes_a_thing(
    home: Home, client: Client
) -> None:
    admin = f"http://127.0.0.1:{home.ports['gateway-admin']}"
    async with client.get(f"{admin}/stats/prometheus") as response:
        assert "envoy_cluster_upstream_rq_total" in await response.text()
    for harmful in ("quitquitquit", "runtime_modify?x=1", "healthcheck/fail", "drain_listeners"):
        async with client.post(f"{admin}/{harmful}") as response:
            assert response.status == 403
