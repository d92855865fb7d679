"""Shipping log lines with the real rsyslog to a compatible store: each line exactly once."""

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.elk.recovery import QUEUE_NAME
from deploy.elk.store import keep_store
from deploy.elk.templates import INDEX
from deploy.home import Home
from deploy.local import acquire
from deploy.local.agent.unanswered import send_again
from deploy.local.servers import logstore, shipper
from tests.fakes.bulk import bulk
from tests.integration.deploy_servers.running import Running, start, wait_for
from tests.integration.deploy_servers.shipped import Lines, hits

pytestmark = pytest.mark.usefixtures("patient")


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
    shipping[-1].end()
    lines.write(100)
    shipping.append(start(replace(shipper.component(home), prepare=lambda: None)))
    store.process.send_signal(signal.SIGCONT)
    lines.each_arrived_once()


def test_a_line_that_was_read_is_not_sent_again_when_its_file_gets_another_name(
    home: Home, lines: Lines
) -> None:
    acquire.shipper(print)
    with bulk() as (store, taken):
        keep_store(home, store)
        shipping = start(shipper.component(home))
        try:
            for _ in range(4):
                lines.write(100)
                wait_for(lambda: f"line {lines.written - 1}" in taken.stored, "the last line sent")
                lines.rename("api-1.log")
                # The gateway writes on for a moment, until it has opened the new file.
                lines.write(10, "api-1.log.1")
            wait_for(lambda: f"line {lines.written - 1}" in taken.stored, "the last line sent")
        finally:
            shipping.end()
    assert sorted(taken.stored) == sorted(f"line {number}" for number in range(lines.written))


def test_a_shipper_that_was_killed_while_it_queued_a_line_loses_none_of_the_next(
    home: Home, lines: Lines, store: Running, shipping: list[Running]
) -> None:
    lines.write(20)
    lines.each_arrived_once()
    store.process.send_signal(signal.SIGSTOP)
    lines.write(100)
    queue = home.data / shipper.NAME / f"{QUEUE_NAME}.00000001"
    wait_for(lambda: b'"message": "line 119"' in queue.read_bytes(), "the last line queued")
    shipping[-1].end()
    # What stands in the file when a kill comes before the index: the first line once more.
    _a_line_before_its_index(queue)
    lines.write(100)
    shipping.append(start(replace(shipper.component(home), prepare=lambda: None)))
    store.process.send_signal(signal.SIGCONT)
    lines.each_arrived_once()


@pytest.mark.parametrize("share", [0, 0.25, 0.6, 0.95])
def test_a_shipper_that_was_killed_while_it_wrote_its_index_ships_all_the_same(
    home: Home, lines: Lines, store: Running, shipping: list[Running], share: float
) -> None:
    store.process.send_signal(signal.SIGSTOP)
    lines.write(100)
    state = home.data / shipper.NAME
    queue, index = state / f"{QUEUE_NAME}.00000001", state / f"{QUEUE_NAME}.qi"
    wait_for(lambda: queue.exists() and b"line 99" in queue.read_bytes(), "the last line queued")
    shipping[-1].end()
    os.truncate(index, int(index.stat().st_size * share))
    shipping.append(start(replace(shipper.component(home), prepare=lambda: None)))
    store.process.send_signal(signal.SIGCONT)
    lines.each_arrived_once()


def _a_line_before_its_index(queue: Path) -> None:
    held = queue.read_bytes()
    queue.write_bytes(held + held[: held.index(b"<Obj", 1)])


def test_a_store_that_was_killed_gets_what_was_written_meanwhile(
    home: Home, lines: Lines, store: Running, shipping: list[Running]
) -> None:
    store.end()
    lines.write(200)
    again = start(logstore.component(home))
    try:
        again.wait_until_healthy()
        lines.each_arrived_once()
    finally:
        again.end()


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


def test_what_the_store_refused_as_a_whole_is_sent_again_and_nothing_doubles(
    home: Home, lines: Lines, store: Running, shipping: list[Running]
) -> None:
    lines.write(3)
    lines.each_arrived_once()
    lines.written += 1
    known, fresh = "line 0", "line 3"
    first = next(line for line in hits(home) if line["_source"]["message"] == known)
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
