"""Each server, real, from its component in a fresh home: health, secrets, kill, restart."""

import json
import signal
import subprocess
import time
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import asyncpg
import psutil
import pytest

from deploy.home import Home
from deploy.local.acquire import Programs
from deploy.local.component import Component
from deploy.local.servers import components, health_checks
from deploy.prometheus.targets import targets_file, write_targets
from deploy.secrets import SECRETS, read_secret
from tests.fixtures.running import PATIENCE, eventually
from tests.integration.deploy_servers.running import running, wait_for

Parts = dict[str, Component]
SINGLE = (
    "postgres", "redis", "epmd", "prometheus", "alertmanager", "gateway",
    "postgres-metrics", "redis-metrics",
)  # fmt: skip


@pytest.fixture
def parts(home: Home, programs: Programs) -> Parts:
    return {component.name: component for component in components(home, programs)}


@pytest.fixture
def epmd(parts: Parts) -> Iterator[None]:
    with running(parts["epmd"]):
        yield


def is_healthy(component: Component) -> None:
    eventually(component.health, lambda health: health.ok, f"{component.name} healthy")


def restarts_after_kill(component: Component) -> None:
    with running(component) as first:
        first.process.kill()
        first.process.wait(10)
        assert not component.health().ok
        with running(component):
            is_healthy(component)


@pytest.mark.parametrize("name", SINGLE)
def test_a_killed_server_starts_again(parts: Parts, name: str) -> None:
    restarts_after_kill(parts[name])


def test_a_killed_broker_starts_again(parts: Parts, epmd: None) -> None:
    restarts_after_kill(parts["rabbitmq"])


@pytest.mark.parametrize("name", SINGLE)
def test_the_supervised_process_ends_by_its_stop_signal(parts: Parts, name: str) -> None:
    with running(parts[name]) as server:
        status = server.stop()
    stopped_by_signal = -int(parts[name].stop_signal)
    assert status in {0, stopped_by_signal}


def test_the_broker_is_the_supervised_process_and_leaves_no_child(parts: Parts, epmd: None) -> None:
    with running(parts["rabbitmq"]) as broker:
        assert "beam" in psutil.Process(broker.process.pid).name()
        children = psutil.Process(broker.process.pid).children(recursive=True)
        assert broker.stop() == 0
    _, alive = psutil.wait_procs(children, timeout=PATIENCE)
    assert not alive


def test_every_port_of_a_server_is_on_the_loopback_address(parts: Parts, epmd: None) -> None:
    with running(parts["rabbitmq"]) as broker, running(parts["postgres"]) as database:
        for server in (broker, database):
            listening = [
                connection.laddr
                for connection in psutil.Process(server.process.pid).net_connections()
                if connection.status == psutil.CONN_LISTEN
            ]
            assert {address.ip for address in listening} <= {"127.0.0.1", "::1"}
            known = {server.component.port, *server.component.extra_ports}
            assert {address.port for address in listening} == known


@pytest.mark.parametrize("name", [*SINGLE, "rabbitmq"])
def test_no_secret_is_in_an_argument_or_a_readable_file(
    home: Home, parts: Parts, name: str
) -> None:
    secrets = [read_secret(home.keys, secret) for secret in SECRETS]
    component = parts[name]
    component.prepare()
    assert not any(secret in " ".join(component.argv) for secret in secrets)
    assert not any(secret in value for secret in secrets for value in component.env.values())
    open_files = [path for path in home.conf.iterdir() if path.stat().st_mode & 0o077]
    assert not open_files


async def test_the_product_s_role_enters_its_database_with_its_password(
    home: Home, parts: Parts
) -> None:
    with running(parts["postgres"]) as server:
        connection = await asyncpg.connect(
            host="127.0.0.1",
            port=home.ports["postgres"],
            user="pharos",
            password=read_secret(home.keys, "postgres_password"),
            database="pharos",
        )
        assert await connection.fetchval("SHOW server_encoding") == "UTF8"
        await connection.close()
        assert psutil.Process(server.process.pid).uids().real != 0
    with pytest.raises(OSError, match="Connect call failed"):
        await asyncpg.connect(host="127.0.0.1", port=home.ports["postgres"], user="pharos")


async def test_another_password_is_refused(home: Home, parts: Parts) -> None:
    with running(parts["postgres"]), pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(
            host="127.0.0.1",
            port=home.ports["postgres"],
            user="pharos",
            password="guess",
            database="pharos",
        )


def test_a_lock_file_whose_pid_is_another_program_does_not_prevent_the_start(
    home: Home, parts: Parts
) -> None:
    parts["postgres"].prepare()
    other = subprocess.Popen(("sleep", "60"))
    try:
        lock = home.data / "postgres" / "postmaster.pid"
        lock.write_text(f"{other.pid}\n{home.data / 'postgres'}\n{int(time.time())}\n")
        with running(parts["postgres"]):
            is_healthy(parts["postgres"])
    finally:
        other.kill()
        other.wait(10)


def test_an_interrupted_preparation_is_begun_anew(home: Home, parts: Parts) -> None:
    left = home.data / "postgres.partial"
    left.mkdir()
    (left / "half").touch()
    parts["postgres"].prepare()
    assert not left.exists()
    assert (home.data / "postgres" / "PG_VERSION").exists()


def test_a_stopped_server_says_so_in_words(home: Home) -> None:
    for name, check in health_checks(home).items():
        health = check()
        assert not health.ok, name
        assert "does not answer" in health.detail


def test_a_frozen_server_is_not_healthy_and_the_check_returns(parts: Parts) -> None:
    with running(parts["redis"]) as server:
        server.process.send_signal(signal.SIGSTOP)
        assert not parts["redis"].health().ok


def test_prometheus_names_targets_after_components(home: Home, parts: Parts) -> None:
    def found() -> set[tuple[str, str]]:
        targets = get(home, "/api/v1/targets")["activeTargets"]
        return {(target["labels"]["job"], target["labels"]["instance"]) for target in targets}

    write_targets(targets_file(home, "api"), {"api-1": "127.0.0.1:1", "api-2": "127.0.0.1:2"})
    wanted = {("gateway", "gateway"), ("rabbitmq-queues", "rabbitmq"), ("api", "api-2")}
    with running(parts["prometheus"]):
        wait_for(lambda: wanted <= found(), "every target")
        write_targets(targets_file(home, "api"), {"api-1": "127.0.0.1:1"})
        wait_for(lambda: ("api", "api-2") not in found(), "the removal of a target")


def test_the_tools_accept_the_generated_configuration(
    home: Home, parts: Parts, programs: Programs
) -> None:
    parts["prometheus"].prepare()
    parts["alertmanager"].prepare()
    checks = {
        (str(programs.promtool), "check", "config"): home.conf / "prometheus.yml",
        (str(programs.amtool), "check-config"): home.conf / "alertmanager.yml",
    }
    for command, file in checks.items():
        result = subprocess.run((*command, file), capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr


def test_a_queue_s_depth_is_read_under_the_broker_s_own_name(
    home: Home, parts: Parts, epmd: None
) -> None:
    series = 'rabbitmq_detailed_queue_messages{job="rabbitmq",instance="rabbitmq",queue="q"}'
    with running(parts["rabbitmq"]), running(parts["prometheus"]):
        declare_queue(home, "q")
        wait_for(lambda: query(home, series), "the queue's series")
        wait_for(lambda: query(home, "up{job='rabbitmq'} == 1"), "the broker's own scrape")


def declare_queue(home: Home, name: str) -> None:
    credentials = f"pharos:{read_secret(home.keys, 'rabbitmq_password')}"
    request = urllib.request.Request(
        f"http://127.0.0.1:{home.ports['rabbitmq-management']}/api/queues/%2F/{name}",
        data=b"{}",
        method="PUT",
        headers={
            "authorization": "Basic " + b64encode(credentials.encode()).decode(),
            "content-type": "application/json",
        },
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own broker
        assert answer.status == 201


def query(home: Home, expression: str) -> list[Any]:
    return get(home, f"/api/v1/query?{urlencode({'query': expression})}")["result"]


def get(home: Home, path: str) -> dict[str, list[Any]]:
    with urllib.request.urlopen(f"http://127.0.0.1:{home.ports['prometheus']}{path}") as answer:
        data: dict[str, list[Any]] = json.load(answer)["data"]
    return data
