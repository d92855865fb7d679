"""What `./pharos up` promises a newcomer."""

import os
import stat

import httpx
import psutil
import pytest

from tests.fixtures.running import RunningStack, eventually, listening

pytestmark = pytest.mark.stack

PARTS = {
    "supervisor",
    "postgres",
    "redis",
    "epmd",
    "rabbitmq",
    "prometheus",
    "alertmanager",
    "gateway",
    "postgres-metrics",
    "redis-metrics",
    "api",
    "relay",
    "worker",
    "agent",
    "control",
    "console",
}


def test_every_part_is_ready(stack: RunningStack) -> None:
    status = stack.wait_until_ready()
    assert {part.name for part in status.components} == PARTS
    assert {part.state for part in status.components} == {"ready"}


def test_status_speaks_json_in_the_promised_shape(stack: RunningStack) -> None:
    answer = stack.json("status", "--json")
    assert set(answer) == {"ready", "components", "replicas", "urls"}
    assert set(answer["components"][0]) == {"name", "state", "pid", "port", "version"}
    replica = {"id", "role", "pid", "address", "ops_address", "ready", "aside"}
    assert set(answer["replicas"][0]) == replica
    assert answer["urls"]["errors"] is None


def test_up_again_changes_nothing(stack: RunningStack) -> None:
    before = {part.name: part.pid for part in stack.wait_until_ready().components}
    answer = stack.run("up")
    assert answer.returncode == 0, answer.stderr
    assert {part.name: part.pid for part in stack.status().components} == before


def test_secrets_are_readable_by_their_owner_alone(stack: RunningStack) -> None:
    for secret in stack.home.keys.iterdir():
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600, secret.name
    assert stat.S_IMODE(stack.home.keys.stat().st_mode) == 0o700


def test_no_secret_stands_on_a_command_line(stack: RunningStack) -> None:
    secrets = [path.read_text().strip() for path in stack.home.keys.iterdir()]
    lines = [
        " ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])
    ]
    assert not [line for line in lines if any(secret in line for secret in secrets)]


def test_everything_listens_on_this_machine_alone(stack: RunningStack) -> None:
    hosts = {host for host, _ in listening(stack.home)}
    assert hosts
    assert hosts <= {"127.0.0.1", "::1"}


@pytest.mark.skipif(os.geteuid() != 0, reason="lacks root, who alone could start it as root")
def test_postgresql_never_runs_as_root(stack: RunningStack) -> None:
    pid = stack.component("postgres").pid
    assert pid is not None
    assert psutil.Process(pid).uids().effective != 0


def test_a_gateway_answer_of_its_own_is_a_problem_document(stack: RunningStack) -> None:
    answer = httpx.get(f"{stack.url('gateway')}/nowhere")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_doctor_finds_nothing_wrong(stack: RunningStack) -> None:
    # A part that answers late once is found, too.
    eventually(
        lambda: stack.run("doctor"),
        lambda answer: answer.returncode == 0,
        "nothing wrong",
    )


def test_open_prints_a_sign_in_link_that_works_once(stack: RunningStack) -> None:
    answer = stack.run("open")
    link = next(word for word in answer.stdout.split() if "/sign-in/" in word)
    first = httpx.get(link, follow_redirects=False)
    second = httpx.get(link, follow_redirects=False)
    assert first.status_code == 303
    assert "httponly" in first.headers["set-cookie"].lower()
    assert second.status_code in (401, 410)
