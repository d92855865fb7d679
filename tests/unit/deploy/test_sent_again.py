"""What the log store refused as a whole is sent again, whatever else lies in that file."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from backend.observability.catalogue import Process
from backend.observability.metrics import Instruments
from deploy.elk import client
from deploy.elk.store import StoreError, keep_store
from deploy.home import Home
from deploy.local.agent.gauges import Gauges
from deploy.local.agent.shipping import ShippingWatch
from deploy.local.agent.unanswered import send_again
from deploy.local.servers.shipper import places
from deploy.local.wanted import Wanted, write_wanted
from deploy.ports import Ports
from tests.fakes.bulk import Bulk, bulk
from tests.fixtures.running import PATIENCE


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path, Ports(9000))
    for folder in (home.conf, home.data, home.logs, home.run):
        folder.mkdir()
    places(home).state.mkdir()
    return home


@pytest.fixture
def store(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bulk]:
    monkeypatch.setattr(client, "TIMEOUT", PATIENCE)
    with bulk() as (store, taken):
        keep_store(home, store)
        yield taken


def request(*messages: str, reply: object = MappingProxyType({"status": 503})) -> bytes:
    """Return a request as rsyslog writes it, with each byte of a line as it was."""
    rows = "".join(
        f'{{"create":{{"_id":"{message}"}}}}\n'
        + json.dumps({"message": message}, ensure_ascii=False)
        + "\n"
        for message in messages
    )
    body = json.dumps(rows, ensure_ascii=False).encode()
    head = b'{ "request": { "url": "http:\\/\\/a-host\\/_bulk", "postdata": '
    return head + body + b' }, "reply": ' + json.dumps(reply, default=dict).encode() + b" }\n"


def left_behind(home: Home, *requests: bytes) -> Path:
    """Let these be what lies there, and rsyslog have let go of it; returns the file."""
    places(home).unanswered.write_bytes(b"".join(requests))
    assert send_again(home) == 0
    return places(home).unanswered.with_suffix(".taken")


def set_aside(home: Home) -> list[Any]:
    path = places(home).refused
    return [json.loads(row)["line"] for row in path.read_text().splitlines()]


def test_a_request_that_was_cut_off_is_set_aside_and_holds_up_no_other(
    home: Home, store: Bulk
) -> None:
    torn = request("second")[:90]
    taken = left_behind(home, request("first"), torn, request("third"), request("fourth"))
    assert send_again(home) == 3
    assert sorted(store.stored) == ["first", "fourth", "third"]
    assert set_aside(home) == [torn.decode()]
    assert not taken.exists()


@pytest.mark.parametrize("what", [b"\n", b"null\n", b'{"request": 5}\n', b"\xff\xfe\n", b"{"])
def test_what_is_no_request_at_all_is_set_aside(home: Home, store: Bulk, what: bytes) -> None:
    taken = left_behind(home, request("first"), what)
    assert send_again(home) == 1
    assert store.stored == ["first"]
    assert len(set_aside(home)) == 1
    assert not taken.exists()


def test_bytes_and_breaks_that_a_program_wrote_amiss_arrive_as_far_as_they_can_be_read(
    home: Home, store: Bulk
) -> None:
    left_behind(home, request("odd", "break \u2028 within").replace(b"odd", b"o\xffd"))
    assert send_again(home) == 1
    assert store.stored == ["o\ufffdd", "break \u2028 within"]


@pytest.mark.parametrize("status", [400, 413])
def test_a_request_that_is_never_taken_as_a_whole_is_sent_in_parts(
    home: Home, store: Bulk, status: int
) -> None:
    store.whole = lambda messages: status if "bad" in messages else 200
    left_behind(home, request("one", "two", "bad", "three"), request("four"))
    assert send_again(home) == 2
    assert sorted(store.stored) == ["four", "one", "three", "two"]
    assert set_aside(home) == [{"message": "bad"}]


def test_what_has_arrived_is_not_sent_once_more_for_what_has_not(home: Home, store: Bulk) -> None:
    store.judge = lambda message: 400 if message == "odd" else 201
    store.whole = lambda messages: 503 if "first" in messages else 200
    left_behind(home, request("first"), request("odd", "second"))
    for _ in range(2):
        with pytest.raises(StoreError, match="503"):
            send_again(home)
    assert (store.stored, set_aside(home)) == (["second"], [{"message": "odd"}])
    store.whole = lambda _: 200
    assert send_again(home) == 1
    assert store.stored == ["second", "first"]


def answered(*statuses: object) -> object:
    return {"errors": True, "items": [{"create": {"status": status}} for status in statuses]}


def test_what_the_store_says_that_it_has_is_not_sent_to_it_once_more(
    home: Home, store: Bulk
) -> None:
    there = request("first", "second", reply=answered(409, 201))
    taken = left_behind(home, there, request("third", "fourth", reply=answered(409, 503)))
    assert send_again(home) == 1
    assert sorted(store.stored) == ["fourth", "third"]
    assert not taken.exists()
    assert not places(home).refused.exists()


@pytest.mark.parametrize(
    "reply", [None, 5, {"items": 5}, answered(), answered(None), {"items": [{"create": 5}]}]
)
def test_an_answer_that_says_nothing_of_its_lines_is_none(
    home: Home, store: Bulk, reply: object
) -> None:
    left_behind(home, request("first", reply=reply))
    assert send_again(home) == 1
    assert store.stored == ["first"]


def test_an_outage_is_told_once_though_another_question_is_answered(
    home: Home, store: Bulk, caplog: pytest.LogCaptureFixture
) -> None:
    write_wanted(home, Wanted(extras=frozenset({"elk"})))
    store.whole = lambda _: 503
    left_behind(home, request("first"))
    watch = ShippingWatch(home, Gauges(Instruments(Process.AGENT, "0")))
    with caplog.at_level(logging.WARNING, "deploy.local.agent.shipping"):
        watch.step()
        watch.step()
        assert [line.getMessage().split(":")[1] for line in caplog.records] == [
            " sending again what was refused fails"
        ]
        store.whole = lambda _: 200
        watch.step()
        store.whole = lambda _: 503
        left_behind(home, request("second"))
        watch.step()
    assert len(caplog.records) == 2


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_line_that_meets_a_store_in_trouble_waits_and_is_no_refusal(
    home: Home, store: Bulk, status: int
) -> None:
    store.judge = lambda message: status if message == "second" else 201
    left_behind(home, request("first", "second"))
    with pytest.raises(StoreError, match="asks to come later"):
        send_again(home)
    assert not places(home).refused.exists()
    store.judge = lambda message: 409 if message == "first" else 201
    assert send_again(home) == 1
    assert store.stored == ["first", "second"]


def test_what_was_refused_before_the_agent_started_is_not_told_as_new(
    home: Home, store: Bulk, caplog: pytest.LogCaptureFixture
) -> None:
    write_wanted(home, Wanted(extras=frozenset({"elk"})))
    refused = places(home).refused
    refused.write_text("{}\n" * 3)
    watch = ShippingWatch(home, Gauges(Instruments(Process.AGENT, "0")))
    with caplog.at_level(logging.WARNING, "deploy.local.agent.shipping"):
        watch.step()
        assert caplog.messages == []
        with refused.open("a") as file:
            file.write("{}\n" * 2)
        watch.step()
        watch.step()
    assert caplog.messages == [f"2 log lines cannot be stored: {refused} says why"]
