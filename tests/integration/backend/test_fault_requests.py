"""Which requests a fault hits, what it never reaches, and who ends it when the loop cannot."""

import asyncio
import signal
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from backend.settings import Settings
from tests.fixtures.running import PATIENCE, RunningStack
from tests.integration.backend.faulty import TOKEN, USERS, Faulty, faulty
from tests.integration.backend.network import Link
from tests.integration.backend.processes import ReplicaProcess

ONE = "/v1/users/{user_id}"


async def test_a_route_alone_is_hit_and_counted_by_its_template(faulty_api: Faulty) -> None:
    counted = f'pharos_http_requests_total{{method="GET",route="{ONE}",status="429"}}'
    before = await faulty_api.metric(counted)
    await faulty_api.inject("error-status", status=429, route=ONE)
    assert (await faulty_api.get(f"{USERS}/{uuid4()}")).status_code == 429
    assert (await faulty_api.get(USERS)).status_code == 200
    assert (await faulty_api.get("/v1/nothing")).status_code == 404
    assert await faulty_api.metric(counted) == before + 1
    assert await faulty_api.detail() == "requests hit: 1"


async def test_a_percentage_hits_some_and_lets_others_pass(faulty_api: Faulty) -> None:
    await faulty_api.inject("error-status", percentage=50)
    statuses = {(await faulty_api.get()).status_code for _ in range(60)}
    assert statuses == {200, 503}


async def test_no_percent_hits_nobody(faulty_api: Faulty) -> None:
    await faulty_api.inject("error-status", percentage=0)
    assert {(await faulty_api.get()).status_code for _ in range(20)} == {200}


async def test_an_unknown_route_is_refused_with_those_there_are(faulty_api: Faulty) -> None:
    answer = await faulty_api.ask("exception", route="/v1/user")
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["field"] == "arguments.route"
    assert ONE in error["message"]


async def test_more_connections_than_the_pool_has_are_refused(faulty_api: Faulty) -> None:
    answer = await faulty_api.ask("exhausted-pool", connections=4)
    assert [error["field"] for error in answer.json()["errors"]] == ["arguments.connections"]
    assert "3 at most" in answer.json()["errors"][0]["message"]


async def test_two_routes_may_have_a_fault_each_but_all_overlaps_with_any(
    faulty_api: Faulty,
) -> None:
    async def ask(name: str, route: str | None) -> int:
        asked = {"id": name, "kind": "exception", "arguments": {"route": route}}
        return (await faulty_api.ops.post("/v1/faults", json=asked)).status_code

    assert [await ask("a", USERS), await ask("b", ONE)] == [201, 201]
    assert [await ask("c", ONE), await ask("d", None)] == [409, 409]


async def test_a_request_that_is_held_up_goes_on_once_the_fault_is_reverted(
    faulty_api: Faulty,
) -> None:
    await faulty_api.inject("latency", delay_seconds=30)
    request = asyncio.create_task(faulty_api.get(patience=25))

    async def hit(api: Faulty) -> bool:
        return await api.detail() == "requests hit: 1"

    await faulty_api.reaches(hit)
    await faulty_api.revert("latency")
    assert (await request).status_code == 200


async def test_probes_metrics_and_the_fault_port_are_exempt(faulty_api: Faulty) -> None:
    for kind in ("exception", "error-status"):
        await faulty_api.inject(kind)
    await faulty_api.inject("latency", delay_seconds=30)
    for path in ("/livez", "/readyz", "/metrics", "/v1/faults"):
        assert (await faulty_api.ops.get(path)).status_code == 200


async def test_a_blocked_loop_answers_on_its_ops_port_and_is_set_free_from_there(
    faulty_api: Faulty,
) -> None:
    await faulty_api.inject("blocked-loop", block_seconds=30)
    request = asyncio.create_task(faulty_api.get(patience=25))
    for path in ("/livez", "/readyz", "/metrics"):
        assert (await faulty_api.ops.get(path)).status_code == 200

    async def blocked(api: Faulty) -> bool:
        return await api.detail() == "the event loop is blocked"

    await faulty_api.reaches(blocked)
    assert not request.done()
    await faulty_api.revert("blocked-loop")
    await faulty_api.reaches(Faulty.is_clean)
    assert (await request).status_code == 200


async def test_faults_of_several_kinds_are_reverted_together_though_the_loop_is_blocked(
    faulty_api: Faulty,
) -> None:
    for kind in ("exhausted-pool", "cpu-burn", "failing-readiness", "blocked-loop"):
        await faulty_api.inject(kind)
    answer = await faulty_api.ops.delete("/v1/faults")
    assert len(answer.json()["reverted"]) == 4
    await faulty_api.reaches(Faulty.is_clean)
    assert (await faulty_api.get()).status_code == 200


@pytest.mark.parametrize("role", ["relay", "worker"])
async def test_relay_and_worker_offer_what_makes_sense_there(role: str, tmp_path: Path) -> None:
    # Neither PostgreSQL nor RabbitMQ need be there for the process to be.
    nowhere = Settings(postgres_port=1)
    environment = {"PHAROS_FAULT_TOKEN": TOKEN, "PHAROS_RABBITMQ_PORT": "1"}
    process = ReplicaProcess(nowhere, tmp_path, role, **environment)
    async with faulty(process, Link(1)) as other:
        for kind in ("failing-readiness", "cpu-burn", "memory-growth", "blocked-loop"):
            await other.inject(kind)
        assert (await other.ops.get("/readyz")).json()["status"] == "withheld"
        refused = await other.ask("latency", delay_seconds=1)
        assert [error["field"] for error in refused.json()["errors"]] == ["kind"]
        await other.ops.delete("/v1/faults")
        await other.reaches(Faulty.is_clean)
        await other.inject("cpu-burn")
        process.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.process.wait, PATIENCE) == 0
        # What is at work at the process's end is taken back, and told of.
        await other.tells("cpu-burn", "fault-injected", "fault-reverted")


@pytest.mark.parametrize("role", ["api", "relay", "worker"])
async def test_every_process_of_a_stack_has_a_fault_port_with_the_stack_s_own_token(
    stack: RunningStack, role: str
) -> None:
    address = stack.replicas(role)[0].ops_address
    headers = {"authorization": f"Bearer {stack.secret('fault_token')}"}
    async with httpx.AsyncClient(base_url=f"http://{address}", trust_env=False) as ops:
        assert (await ops.get("/v1/faults", headers=headers)).json()["faults"] == []
        assert (await ops.get("/v1/faults")).status_code == 401
