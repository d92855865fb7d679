"""Our fault proxy as a process: what it begins with, where it listens, and a real Redis behind."""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from deploy.home import PROJECT
from tests.fixtures.running import PATIENCE, RunningStack, eventually
from tests.fixtures.stack import free_port
from tests.fixtures.toxiproxy import Toxiproxy, own_proxy, received

NOWHERE = "127.0.0.1:9"


def _configured(folder: Path, *proxies: dict[str, object]) -> Path:
    path = folder / "proxies.json"
    path.write_text(json.dumps(proxies))
    return path


def _start(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.faultproxy", *map(str, arguments)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_it_begins_with_the_configured_proxies_and_no_other(tmp_path: Path) -> None:
    config = _configured(tmp_path, {"name": "db", "upstream": NOWHERE})
    with own_proxy("--config", str(config)) as running:
        shown = running.api.get("/proxies").json()
        assert shown.keys() == {"db"}
        assert (shown["db"]["upstream"], shown["db"]["toxics"]) == (NOWHERE, [])


@pytest.mark.parametrize(
    ("proxy", "why"),
    [
        ({"name": "db"}, "missing required field: upstream at proxy 1"),
        ({"name": "db", "upstream": "nowhere"}, "upstream: 'nowhere' is no address"),
    ],
)
def test_a_configuration_with_a_flaw_ends_it_with_the_reason(
    tmp_path: Path, proxy: dict[str, object], why: str
) -> None:
    port = free_port()
    ended = _start("--port", port, "--config", _configured(tmp_path, proxy))
    assert ended.returncode == 1
    assert why in ended.stderr


def test_it_listens_on_the_loopback_address_only(ours: Toxiproxy) -> None:
    ours.proxied()
    assert ours.process
    listening = [
        connection.laddr.ip
        for connection in psutil.Process(ours.process.pid).net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) == 2
    assert set(listening) == {"127.0.0.1"}


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0", "192.0.2.1:80", "example.org:80"])
def test_another_address_to_listen_on_is_refused(ours: Toxiproxy, listen: str) -> None:
    body = {"name": "open", "listen": listen, "upstream": NOWHERE}
    answer = ours.api.post("/proxies", json=body)
    assert answer.status_code == 400
    assert "listens on 127.0.0.1 only" in answer.json()["error"]


@pytest.mark.parametrize("address", ["nowhere", "host:port", "host:70000", "host:-1"])
def test_an_address_that_is_none_is_refused_by_a_change(ours: Toxiproxy, address: str) -> None:
    proxied = ours.proxied()
    answer = ours.api.patch(proxied.path, json={"upstream": address})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("bad request body: upstream: ")


def test_a_server_whose_name_cannot_be_one_is_away(ours: Toxiproxy) -> None:
    proxied = ours.proxied(upstream="no..such.host:80")
    with proxied.dial() as client:
        assert received(client) == b""


class TestRedisBehindIt:
    @pytest.fixture
    def api(self, ours: Toxiproxy, stack: RunningStack) -> httpx.Client:
        upstream = f"127.0.0.1:{stack.home.ports['redis']}"
        ours.api.post("/proxies", json={"name": "redis", "upstream": upstream}).raise_for_status()
        return ours.api

    @pytest.fixture
    def redis(self, api: httpx.Client, stack: RunningStack) -> Redis:
        """Give up soon, as a fault is to be felt; ask this one again before it is believed."""
        return _client(api, stack, seconds=0.5)

    @pytest.fixture
    def patient(self, api: httpx.Client, stack: RunningStack) -> Redis:
        return _client(api, stack, seconds=PATIENCE)

    def test_a_large_value_comes_back_as_it_went(self, patient: Redis) -> None:
        value = bytes(range(256)) * 8_000
        assert patient.echo(value) == value

    @pytest.mark.parametrize(
        "toxic", [{"type": "timeout"}, {"type": "reset_peer"}, {"type": "bandwidth"}]
    )
    def test_a_fault_is_felt_and_gone_once_removed(
        self, api: httpx.Client, redis: Redis, toxic: dict[str, object]
    ) -> None:
        eventually(lambda: _well(redis), bool, "Redis answers")
        api.post("/proxies/redis/toxics", json={"name": "fault"} | toxic).raise_for_status()
        with pytest.raises(RedisError):
            redis.ping()
        api.delete("/proxies/redis/toxics/fault").raise_for_status()
        eventually(lambda: _well(redis), bool, "Redis answers again")

    def test_disabled_it_is_away_and_enabled_there_again(
        self, api: httpx.Client, redis: Redis
    ) -> None:
        api.patch("/proxies/redis", json={"enabled": False}).raise_for_status()
        assert not _well(redis)
        api.patch("/proxies/redis", json={"enabled": True}).raise_for_status()
        eventually(lambda: _well(redis), bool, "Redis answers again")


def _client(api: httpx.Client, stack: RunningStack, *, seconds: float) -> Redis:
    return Redis(
        port=int(api.get("/proxies/redis").json()["listen"].rpartition(":")[2]),
        password=stack.secret("redis_password"),
        socket_timeout=seconds,
        retry=Retry(NoBackoff(), 0),
    )


def _well(redis: Redis) -> bool:
    try:
        return bool(redis.ping())
    except RedisError:
        return False
