"""Shipping log lines with the real rsyslog to a compatible store: each line exactly once."""

import json
import re
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.observability.catalogue import LOG_SHIPPING_LAG, Process
from backend.observability.metrics import Instruments
from deploy.elk import client as store_client
from deploy.elk.client import HEARTBEAT
from deploy.elk.recovery import QUEUE_NAME
from deploy.elk.store import Store
from deploy.elk.templates import INDEX
from deploy.home import Home
from deploy.local import acquire
from deploy.local.agent import shipping as agent_shipping
from deploy.local.agent.gauges import Gauges
from deploy.local.agent.shipping import ShippingWatch
from deploy.local.agent.unanswered import send_again
from deploy.local.servers import logstore, shipper
from deploy.local.wanted import Wanted, write_wanted
from tests.fixtures.running import PATIENCE
from tests.integration.deploy_servers.running import Running, start, wait_for


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a store that runs answer late: what it is asked once is to be done."""
    monkeypatch.setattr(store_client, "TIMEOUT", PATIENCE)


def _hits(home: Home) -> list[dict[str, Any]]:
    url = f"{logstore.url(home)}/{INDEX}/_search"
    answer = httpx.post(url, json={"size": 5000}, timeout=PATIENCE).json()
    return list(answer.get("hits", {}).get("hits", []))


class Lines:
    """Writes numbered lines into log files of a home, and counts them in the store."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.written = 0

    def file(self, name: str) -> Path:
        return self._home.logs / name

    def write(self, count: int, name: str = "api-1.log") -> None:
        with self.file(name).open("a") as file:
            for number in range(self.written, self.written + count):
                line = {
                    "@timestamp": "2026-01-02T03:04:05.678901Z",
                    "log.level": "info",
                    "message": f"line {number}",
                }
                file.write(json.dumps(line) + "\n")
        self.written += count

    def copy_away(self, name: str) -> None:
        """Rotate as the node agent does: copy, then truncate in place."""
        path = self.file(name)
        path.with_name(f"{name}.1").write_bytes(path.read_bytes())
        path.open("r+b").truncate(0)

    def stored(self) -> list[dict[str, str]]:
        return [hit["_source"] for hit in _hits(self._home)]

    def each_arrived_once(self) -> None:
        wanted = [f"line {number}" for number in range(self.written)]
        wait_for(lambda: len(self.stored()) >= self.written, f"{self.written} lines stored")
        assert sorted(line["message"] for line in self.stored()) == sorted(wanted)


@pytest.fixture
def lines(home: Home) -> Lines:
    return Lines(home)


@pytest.fixture
def store(home: Home) -> Iterator[Running]:
    started = start(logstore.component(home))
    started.wait_until_healthy()
    yield started
    _end(started)


@pytest.fixture
def shipping(home: Home, store: Running) -> Iterator[list[Running]]:
    """The shipper; a test that kills it puts its successor into the list."""
    acquire.shipper(print)
    started = [start(shipper.component(home))]
    yield started
    _end(started[-1])


def _end(part: Running) -> None:
    if part.process.poll() is None:
        part.process.send_signal(signal.SIGCONT)
        part.process.kill()
        part.process.wait(10)


def test_an_outage_a_rotation_and_a_killed_shipper_neither_lose_nor_double_a_line(
    home: Home, lines: Lines, store: Running, shipping: list[Running]
) -> None:
    lines.write(50)
    lines.each_arrived_once()
    store.process.send_signal(signal.SIGSTOP)
    lines.write(300)
    lines.file("api-1.log").rename(lines.file("api-1.log.1"))
    lines.write(200)
    lines.write(100, "redis.log")
    lines.copy_away("redis.log")
    lines.write(50, "redis.log")
    _end(shipping[-1])
    lines.write(100)
    shipping.append(start(replace(shipper.component(home), prepare=lambda: None)))
    store.process.send_signal(signal.SIGCONT)
    lines.each_arrived_once()


def test_a_shipper_that_was_killed_while_it_queued_a_line_loses_none_of_the_next(
    home: Home, lines: Lines, store: Running, shipping: list[Running]
) -> None:
    lines.write(20)
    lines.each_arrived_once()
    store.process.send_signal(signal.SIGSTOP)
    lines.write(100)
    queue = home.data / shipper.NAME / f"{QUEUE_NAME}.00000001"
    wait_for(lambda: b'"message": "line 119"' in queue.read_bytes(), "the last line queued")
    _end(shipping[-1])
    # What stands in the file when a kill comes before the index: the first line once more.
    _a_line_before_its_index(queue)
    lines.write(100)
    shipping.append(start(replace(shipper.component(home), prepare=lambda: None)))
    store.process.send_signal(signal.SIGCONT)
    lines.each_arrived_once()


def _a_line_before_its_index(queue: Path) -> None:
    held = queue.read_bytes()
    queue.write_bytes(held + held[: held.index(b"<Obj", 1)])


def test_a_store_that_was_killed_gets_what_was_written_meanwhile(
    home: Home, lines: Lines, store: Running, shipping: list[Running]
) -> None:
    _end(store)
    lines.write(200)
    again = start(logstore.component(home))
    try:
        again.wait_until_healthy()
        lines.each_arrived_once()
    finally:
        _end(again)


def test_a_line_that_the_store_refuses_is_set_aside_and_the_others_arrive(
    home: Home, lines: Lines, shipping: list[Running]
) -> None:
    lines.write(20)
    # An object in the template, and in no other field of the line: the test server
    # only sometimes sees a conflict within one document.
    with lines.file("api-1.log").open("a") as file:
        file.write('{"@timestamp": "2026-01-02T03:04:05Z", "client": "an object else"}\n')
    lines.write(20)
    lines.each_arrived_once()
    refused = shipper.places(home).refused
    wait_for(refused.exists, "the refused line set aside")
    answers = [json.loads(line) for line in refused.read_text().splitlines()]
    assert [answer["line"]["client"] for answer in answers] == ["an object else"]


def test_what_other_programs_write_arrives_under_their_name_with_time_and_level(
    home: Home, lines: Lines, shipping: list[Running]
) -> None:
    complaint = '2026-01-02 03:04:05.678 UTC [12] FATAL:  the "disk" is full'
    lines.file("postgres.log").write_text(complaint + "\n")
    lines.file("prometheus.log").write_text('{"ts":"2026-01-02T03:04:06Z","level":"warn"}\n')
    wait_for(lambda: len(lines.stored()) == 2, "both lines stored")
    database, prometheus = sorted(lines.stored(), key=lambda line: line["@timestamp"])
    assert database["message"] == complaint
    assert database["@timestamp"] == "2026-01-02T03:04:05.678Z"
    assert (database["service.name"], database["log.level"]) == ("postgres", "error")
    assert (prometheus["service.name"], prometheus["log.level"]) == ("prometheus", "warning")


class Lag:
    """The node agent's watch over the shipping of one home, and what it exposes."""

    def __init__(self, home: Home) -> None:
        self._instruments = Instruments(Process.AGENT, "0")
        self._watch = ShippingWatch(home, Gauges(self._instruments))

    def now(self) -> float | None:
        """Let the watch look once, and return the exposed lag; None where there is none."""
        self._watch.step()
        text = self._instruments.exposition()[0].decode()
        found = re.search(rf"^{LOG_SHIPPING_LAG.name} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else None


def test_the_lag_is_the_newest_heartbeats_age_and_grows_while_the_store_is_away(
    home: Home, lines: Lines, store: Running, shipping: list[Running]
) -> None:
    write_wanted(home, Wanted(extras=frozenset({"elk"})))
    lag = Lag(home)
    written = (datetime.now(UTC) - timedelta(seconds=60)).isoformat()
    beat = {"@timestamp": written, "message": "", "event.action": HEARTBEAT}
    lines.file("agent.log").write_text(json.dumps(beat) + "\n")
    wait_for(lambda: (lag.now() or 0) >= 60, "the heartbeat found")
    _end(store)
    before = lag.now() or 0
    assert before >= 60
    wait_for(lambda: (lag.now() or 0) > before, "the lag growing")


def test_the_test_server_keeps_the_newest_lines_alone(
    home: Home, lines: Lines, shipping: list[Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_wanted(home, Wanted(extras=frozenset({"elk"})))
    began = datetime.now(UTC) - timedelta(seconds=100)
    with lines.file("api-1.log").open("a") as file:
        for number in range(100):
            at = (began + timedelta(seconds=number)).isoformat()
            file.write(json.dumps({"@timestamp": at, "message": f"line {number}"}) + "\n")
    wait_for(lambda: len(lines.stored()) == 100, "all lines stored")
    lag = Lag(home)
    lag.now()
    assert len(lines.stored()) == 100
    monkeypatch.setattr(agent_shipping, "MOST_LINES", 40)
    lag.now()
    kept = [int(line["message"].removeprefix("line ")) for line in lines.stored()]
    assert sorted(kept) == list(range(100 - len(kept), 100))
    assert 25 <= len(kept) <= 35


def test_a_given_store_is_left_to_its_own_lifecycle(
    home: Home, lines: Lines, shipping: list[Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_wanted(home, Wanted(extras=frozenset({"elk"})))
    monkeypatch.setattr(agent_shipping, "MOST_LINES", 10)
    given = Store(url=logstore.url(home), given=True)
    monkeypatch.setattr(agent_shipping, "store_of", lambda _: given)
    lines.write(20)
    lines.each_arrived_once()
    Lag(home).now()
    assert len(lines.stored()) == 20


def test_where_nothing_is_shipped_there_is_no_lag(home: Home) -> None:
    write_wanted(home, Wanted())
    assert Lag(home).now() is None


def test_what_the_store_refused_as_a_whole_is_sent_again_and_nothing_doubles(
    home: Home, lines: Lines, store: Running, shipping: list[Running]
) -> None:
    lines.write(3)
    lines.each_arrived_once()
    lines.written += 1
    known, fresh = "line 0", "line 3"
    first = next(line for line in _hits(home) if line["_source"]["message"] == known)
    requests = [(first["_id"], known), ("another", fresh)]
    body = "".join(
        json.dumps({"create": {"_index": INDEX, "_id": key}})
        + "\n"
        + json.dumps({"@timestamp": "2026-01-02T03:04:05Z", "message": message})
        + "\n"
        for key, message in requests
    )
    waiting = shipper.places(home).unanswered
    waiting.write_text(json.dumps({"request": {"postdata": body}, "reply": {"status": 503}}) + "\n")
    assert [send_again(home), send_again(home), send_again(home)] == [0, 1, 0]
    lines.each_arrived_once()
