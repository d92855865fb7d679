"""What flows through our fault proxy: every byte, in order, whatever comes and goes meanwhile."""

import os
import socket
import threading
from collections.abc import Sequence

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fixtures.running import eventually
from tests.fixtures.toxiproxy import Proxied, Toxiproxy, received, silent

HOUR = 3_600_000  # milliseconds
MANY = 300
SIZES = st.lists(st.integers(1, 70_000), max_size=4)
WAYS: dict[str, tuple[tuple[str, dict[str, int]], ...]] = {
    "no toxic": (),
    "latency": (("latency", {"latency": 2, "jitter": 2}),),
    "bandwidth": (("bandwidth", {"rate": 20_000}),),
    "all that lose nothing": (
        ("bandwidth", {"rate": 50_000}),
        ("latency", {"latency": 1, "jitter": 1}),
        ("slow_close", {"delay": 1}),
        ("limit_data", {"bytes": 10**9}),
    ),
}


@pytest.fixture
def proxied(ours: Toxiproxy) -> Proxied:
    return ours.proxied()


def _send(end: socket.socket, chunks: Sequence[bytes]) -> None:
    for chunk in chunks:
        end.sendall(chunk)
    end.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize("way", WAYS)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8, deadline=None
)
@given(asked=SIZES, answered=SIZES)
def test_both_ways_are_intact_and_each_ends_by_itself(
    proxied: Proxied, way: str, asked: list[int], answered: list[int]
) -> None:
    proxied.api.post("/reset").raise_for_status()
    for kind, attributes in WAYS[way]:
        for stream in ("upstream", "downstream"):
            proxied.toxic(kind, stream, **attributes)
    question, answer = [[os.urandom(size) for size in sizes] for sizes in (asked, answered)]
    with proxied.connection() as (client, server):
        _send(client, question)
        assert received(server) == b"".join(question)
        _send(server, answer)
        assert received(client) == b"".join(answer)


def test_toxics_that_come_and_go_in_the_middle_lose_nothing(proxied: Proxied) -> None:
    sent = bytes(range(256)) * 20_000
    with proxied.connection() as (client, server):
        sender = threading.Thread(target=_send, args=(server, [sent]))
        sender.start()
        got = bytearray()
        for round_ in range(12):
            proxied.remove(proxied.toxic("latency", latency=round_))
            path = proxied.toxic("bandwidth", rate=1_000)
            got += client.recv(50_000)
            proxied.remove(path)
        got += received(client)
        sender.join()
    assert bytes(got) == sent


def test_a_client_that_has_sent_all_goes_on_to_receive(proxied: Proxied) -> None:
    with proxied.connection() as (client, server):
        client.shutdown(socket.SHUT_WR)
        assert received(server) == b""
        server.sendall(b"an answer after the end of the question")
        server.close()
        assert received(client) == b"an answer after the end of the question"


def _send_until_full(end: socket.socket, most: int) -> int:
    """Send until no more is taken for a moment; return how much was."""
    end.settimeout(0.3)
    sent = 0
    try:
        while sent < most:
            sent += end.send(b"x" * 65536)
    except TimeoutError:
        pass
    return sent


@pytest.mark.parametrize("toxics", [(), ("latency",)])
def test_whoever_sends_waits_for_a_client_that_does_not_read(
    proxied: Proxied, toxics: tuple[str, ...]
) -> None:
    for kind in toxics:
        proxied.toxic(kind, latency=1)
    most = 200_000_000
    with proxied.connection() as (client, server):
        sent = _send_until_full(server, most)
        assert sent < most
        with proxied.connection() as (other, behind):
            behind.sendall(b"meanwhile")
            assert other.recv(100) == b"meanwhile"
        server.close()
        assert len(received(client)) == sent


def test_an_open_connection_is_reset_both_ways(proxied: Proxied) -> None:
    with proxied.connection() as (client, server):
        proxied.toxic("reset_peer", "upstream")
        client.sendall(b"lost")
        for end in (client, server):
            with pytest.raises(ConnectionResetError):
                end.recv(1)


def test_a_reset_that_is_removed_in_time_never_was(proxied: Proxied) -> None:
    path = proxied.toxic("reset_peer", "upstream", timeout=HOUR)
    with proxied.connection() as (client, server):
        client.sendall(b"held")
        assert silent(server)
        proxied.remove(path)
        assert server.recv(100) == b"held"


def test_a_rate_of_zero_holds_everything_until_it_is_changed(proxied: Proxied) -> None:
    path = proxied.toxic("bandwidth", rate=0)
    with proxied.connection() as (client, server):
        server.sendall(b"held")
        assert silent(client)
        proxied.api.patch(path, json={"attributes": {"rate": 100}}).raise_for_status()
        assert client.recv(100) == b"held"


def _descriptors(proxy: psutil.Process) -> int:
    return int(proxy.num_fds())


def test_many_hanging_connections_cost_no_time_and_all_end_with_the_toxic(
    ours: Toxiproxy, proxied: Proxied
) -> None:
    assert ours.process
    proxy = psutil.Process(ours.process.pid)
    before = _descriptors(proxy)
    hang = proxied.toxic("timeout", timeout=0)
    wait = proxied.toxic("latency", "upstream", latency=HOUR)
    clients = [proxied.dial() for _ in range(MANY)]
    for client in clients:
        client.sendall(b"held")
    eventually(lambda: _descriptors(proxy), lambda count: count >= before + 2 * MANY, "all open")

    def cost() -> float:
        """Return the seconds of a core that it used while nothing came."""
        used = sum(proxy.cpu_times()[:2])
        assert silent(clients[0])
        assert silent(clients[-1])
        return float(sum(proxy.cpu_times()[:2]) - used)

    # It may still be at work with the last of them that it has opened.
    eventually(cost, lambda seconds: seconds < 0.2, "that they cost no time")
    proxied.remove(wait)
    proxied.remove(hang)
    assert [received(client) for client in clients] == [b""] * MANY
    for client in clients:
        client.close()
    proxied.server.close()
    eventually(lambda: _descriptors(proxy), lambda count: count < before + MANY, "all closed")
