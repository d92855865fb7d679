"""`kill -9` of each part under load: it comes back, and nothing that was accepted is lost."""

from pathlib import Path

import httpx
import psutil
import pytest

from tests.e2e.killing import kill, kill_and_await
from tests.e2e.traffic import assert_nothing_lost, replaying, write_access_log
from tests.fixtures.running import RunningStack, eventually

pytestmark = [pytest.mark.stack, pytest.mark.breaks_stack]

# Who may be killed without any user's noticing; the other two are in every request's way.
UNNOTICED = ("relay", "worker", "agent", "control", "redis", "rabbitmq")
NOTICED = ("postgres", "gateway")


@pytest.mark.parametrize("names", [UNNOTICED, NOTICED], ids=["unnoticed", "noticed"])
def test_killed_parts_come_back_by_themselves_and_nothing_is_lost(
    whole_stack: RunningStack, tmp_path: Path, names: tuple[str, ...]
) -> None:
    log = write_access_log(tmp_path / "access.log", 300)
    with replaying(whole_stack, log, rate=40, seconds=1200) as replay:
        for name in names:
            kill_and_await(whole_stack, name)
            whole_stack.wait_until_ready()
        summary = replay.stop()
    assert_nothing_lost(whole_stack, summary["run"])
    if names == UNNOTICED:
        assert summary["failed"] == 0, replay.told


def test_a_killed_replica_is_another_process_soon(whole_stack: RunningStack) -> None:
    victim = whole_stack.replicas()[0]
    killed = kill(victim.pid)
    eventually(
        lambda: {replica.id: replica for replica in whole_stack.replicas()},
        lambda now: now[victim.id].ready and now[victim.id].pid != killed,
        f"{victim.id} ready again with another pid than {killed}",
    )


def test_up_recovers_from_a_killed_supervisor(whole_stack: RunningStack, tmp_path: Path) -> None:
    log = write_access_log(tmp_path / "access.log", 300)
    with replaying(whole_stack, log, rate=40, seconds=600) as replay:
        kill(whole_stack.component("supervisor").pid)
        eventually(whole_stack.status, lambda status: not status.ready, "its end to show")
        orphans = [replica.pid for replica in whole_stack.replicas()]
        answer = whole_stack.run("up", seconds=300)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        assert not any(psutil.pid_exists(pid) for pid in orphans if pid)
        whole_stack.wait_until_ready()
        summary = replay.stop()
    assert_nothing_lost(whole_stack, summary["run"])


def test_without_postgresql_requests_get_a_problem_and_no_replica_is_ejected(
    whole_stack: RunningStack,
) -> None:
    pid = whole_stack.component("postgres").pid
    assert pid is not None
    postgres = psutil.Process(pid)
    paused = [postgres, *postgres.children(recursive=True)]
    for process in paused:
        process.suspend()
    try:
        headers = {"Authorization": f"Bearer {whole_stack.secret('service_token')}"}
        answer = httpx.post(
            f"{whole_stack.url('gateway')}/v1/users",
            json={"email": "half-done@pharos-suite.org", "name": "Half done"},
            headers=headers,
        )
        ready = [replica.id for replica in whole_stack.ready()]
        replicas = [replica.id for replica in whole_stack.replicas()]
    finally:
        for process in paused:
            process.resume()
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert "retry-after" in answer.headers
    assert ready == replicas
    found = eventually(
        lambda: httpx.get(
            f"{whole_stack.url('gateway')}/v1/users", params={"email": "half-done@pharos-suite.org"}
        ),
        lambda reply: reply.status_code == 200,
        "PostgreSQL serves again",
    )
    assert found.json()["items"] == []
