"""A real log's replay: everything accepted is found again, once and in order."""

import gzip
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.e2e.traffic import assert_nothing_lost, write_access_log
from tests.fixtures.running import RunningStack

pytestmark = pytest.mark.stack


def test_a_replayed_log_arrives_whole(stack: RunningStack, tmp_path: Path) -> None:
    log = write_access_log(tmp_path / "access.log", 400)
    log.write_text(log.read_text() + "not a log line\n")
    packed = tmp_path / "access.log.gz"
    packed.write_bytes(gzip.compress(log.read_bytes()))
    summary = stack.json("load", "--trace", str(packed), "--rate", "100", "--json")
    assert (summary["sent"], summary["ok"], summary["failed"]) == (400, 400, 0)
    assert (summary["malformed"], summary["events_accepted"]) == (1, 400)
    assert_nothing_lost(stack, summary["run"])


def test_the_second_replay_finds_the_same_users(stack: RunningStack, tmp_path: Path) -> None:
    log = write_access_log(tmp_path / "access.log", 150)
    first = stack.json("load", "--trace", str(log), "--rate", "100", "--json")
    second = stack.json("load", "--trace", str(log), "--rate", "100", "--json")
    assert first["users"] == second["users"]
    assert second["failed"] == 0
    assert first["run"] != second["run"]


def test_an_event_sent_twice_has_one_effect(stack: RunningStack) -> None:
    headers = {"Authorization": f"Bearer {stack.secret('service_token')}"}
    twice = f"twice-{uuid4().hex}"
    with httpx.Client(base_url=stack.url("gateway"), headers=headers) as client:
        body = {"email": f"{twice}@pharos-suite.org", "name": "Twice"}
        user = client.post("/v1/users", json=body, headers={"Idempotency-Key": twice}).json()
        event = {
            "specversion": "1.0",
            "id": "1",
            "source": f"urn:suite:{twice}",
            "type": "page.viewed",
            "subject": user["id"],
        }
        answers = [client.post("/v1/events", json=event) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert [answer.json()["repeat"] for answer in answers] == [False, True]
    stack.run("events", "drain", "--timeout", "30")
    page = httpx.get(f"{stack.url('gateway')}/v1/users/{user['id']}/events").json()
    assert [item["type"] for item in page["items"]].count("page.viewed") == 1


def test_stats_come_from_tables_and_queues(stack: RunningStack) -> None:
    stack.run("events", "drain", "--timeout", "60")
    stats = stack.json("events", "stats", "--json")
    assert stats["outbox"] == 0
    assert stats["accepted"] == stats["published"] == stats["consumed"] + stats["dead"]
    assert sum(stats["by_type"].values()) == stats["accepted"]


def test_a_run_that_never_was_is_wrong_usage(stack: RunningStack) -> None:
    assert stack.run("events", "verify", "--run", "no-such-run").returncode == 2
