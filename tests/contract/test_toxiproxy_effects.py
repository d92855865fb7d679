"""What Toxiproxy's toxics do to connections, new and open ones.

`PHAROS_TEST_TOXIPROXY_URL` names another Toxiproxy of this machine to try; without
it our own is tried.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.fixtures.toxiproxy import Proxied, Toxiproxy, received, silent

HOUR = 3_600_000  # milliseconds


@pytest.fixture
def api(toxiproxy: Toxiproxy) -> httpx.Client:
    return toxiproxy.api


@pytest.fixture
def proxied(toxiproxy: Toxiproxy) -> Proxied:
    return toxiproxy.proxied()


@contextmanager
def takes_at_least(seconds: float) -> Iterator[None]:
    """Hold the body to a lower bound; timers are rounded by a few milliseconds."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began >= seconds - 0.02


class TestEffects:
    def test_without_toxics_both_ways_are_open(self, proxied: Proxied) -> None:
        with proxied.connection() as (client, server):
            client.sendall(b"question")
            assert server.recv(100) == b"question"
            server.sendall(b"answer")
            assert client.recv(100) == b"answer"

    def test_latency_delays_its_stream(self, proxied: Proxied) -> None:
        proxied.toxic("latency", "upstream", latency=300)
        with proxied.connection() as (client, server), takes_at_least(0.3):
            client.sendall(b"slow")
            assert server.recv(100) == b"slow"

    def test_latency_leaves_the_other_stream_alone(self, proxied: Proxied) -> None:
        proxied.toxic("latency", "upstream", latency=HOUR)
        with proxied.connection() as (client, server):
            server.sendall(b"quick")
            assert client.recv(100) == b"quick"

    def test_jitter_takes_away_at_most_itself(self, proxied: Proxied) -> None:
        proxied.toxic("latency", latency=300, jitter=100)
        with proxied.connection() as (client, server), takes_at_least(0.2):
            server.sendall(b"slow")
            assert client.recv(100) == b"slow"

    def test_latencies_add_up(self, api: httpx.Client, proxied: Proxied) -> None:
        for name in ("one", "two"):
            body = {"name": name, "type": "latency", "attributes": {"latency": 200}}
            api.post(f"{proxied.path}/toxics", json=body).raise_for_status()
        with proxied.connection() as (client, server), takes_at_least(0.4):
            server.sendall(b"slower")
            assert client.recv(100) == b"slower"

    def test_a_toxic_on_no_link_does_nothing(self, api: httpx.Client, proxied: Proxied) -> None:
        body = {"type": "latency", "toxicity": 0.0, "attributes": {"latency": HOUR}}
        api.post(f"{proxied.path}/toxics", json=body).raise_for_status()
        with proxied.connection() as (client, server):
            server.sendall(b"quick")
            assert client.recv(100) == b"quick"

    def test_latency_acts_on_an_open_connection_and_its_removal_sends_what_it_held(
        self, proxied: Proxied
    ) -> None:
        with proxied.connection() as (client, server):
            path = proxied.toxic("latency", latency=HOUR)
            server.sendall(b"held")
            assert silent(client)
            proxied.remove(path)
            assert client.recv(100) == b"held"

    def test_a_changed_latency_acts_on_what_is_held(
        self, api: httpx.Client, proxied: Proxied
    ) -> None:
        path = proxied.toxic("latency", latency=HOUR)
        with proxied.connection() as (client, server):
            server.sendall(b"held")
            assert silent(client)
            api.patch(path, json={"attributes": {"latency": 1}}).raise_for_status()
            assert client.recv(100) == b"held"

    def test_a_timeout_closes_the_connection_without_its_data(self, proxied: Proxied) -> None:
        proxied.toxic("timeout", timeout=300)
        with proxied.connection() as (client, server), takes_at_least(0.3):
            server.sendall(b"lost")
            assert received(client) == b""

    def test_a_timeout_of_zero_hangs_and_its_removal_closes(self, proxied: Proxied) -> None:
        path = proxied.toxic("timeout", timeout=0)
        with proxied.connection() as (client, server):
            server.sendall(b"lost")
            assert silent(client)
            proxied.remove(path)
            assert received(client) == b""

    def test_after_a_removed_timeout_new_connections_work(self, proxied: Proxied) -> None:
        proxied.remove(proxied.toxic("timeout", timeout=0))
        with proxied.connection() as (client, server):
            server.sendall(b"well")
            assert client.recv(100) == b"well"

    def test_a_reset_comes_with_the_first_data(self, proxied: Proxied) -> None:
        proxied.toxic("reset_peer", "upstream", timeout=300)
        with proxied.connection() as (client, server):
            with takes_at_least(0.3):
                client.sendall(b"lost")
                with pytest.raises(ConnectionResetError):
                    client.recv(1)
            with pytest.raises(ConnectionResetError):
                server.recv(1)

    def test_bandwidth_takes_its_time(self, proxied: Proxied) -> None:
        proxied.toxic("bandwidth", rate=100)
        with proxied.connection() as (client, server), takes_at_least(0.4):
            server.sendall(b"x" * 50_000)
            server.close()
            assert len(received(client)) == 50_000

    def test_a_removed_bandwidth_lets_the_rest_through(self, proxied: Proxied) -> None:
        path = proxied.toxic("bandwidth", rate=1)
        with proxied.connection() as (client, server):
            server.sendall(b"x" * 30_000)
            server.close()
            assert client.recv(1) == b"x"
            proxied.remove(path)
            assert len(received(client)) == 29_999

    def test_a_slow_close_delays_the_end_and_not_the_data(self, proxied: Proxied) -> None:
        proxied.toxic("slow_close", delay=300)
        with proxied.connection() as (client, server), takes_at_least(0.3):
            server.sendall(b"last words")
            server.close()
            assert received(client) == b"last words"

    def test_a_limit_closes_after_so_many_bytes(self, proxied: Proxied) -> None:
        proxied.toxic("limit_data", bytes=10)
        with proxied.connection() as (client, server):
            server.sendall(b"one two ")
            server.sendall(b"three four")
            assert received(client) == b"one two th"

    def test_disabled_it_refuses_and_closes_and_enabled_it_serves_again(
        self, proxied: Proxied
    ) -> None:
        with proxied.connection() as (client, server):
            proxied.enable(enabled=False)
            assert received(client) == b""
            assert received(server) == b""
        with pytest.raises(ConnectionRefusedError):
            proxied.dial()
        proxied.enable(enabled=True)
        with proxied.connection() as (client, server):
            client.sendall(b"again")
            assert server.recv(100) == b"again"

    def test_a_server_that_is_away_ends_the_clients_connection(self, proxied: Proxied) -> None:
        proxied.server.close()
        with proxied.dial() as client:
            assert received(client) == b""

    def test_a_client_that_leaves_ends_the_servers_connection(self, proxied: Proxied) -> None:
        with proxied.connection() as (client, server):
            client.sendall(b"bye")
            client.close()
            assert received(server) == b"bye"
