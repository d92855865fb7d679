"""`kill -9` of the control service while a drill runs: the drill ends, its journal is complete."""

import json
import os
import signal

import pytest

from tests.fixtures.running import RunningStack, eventually

pytestmark = [pytest.mark.stack, pytest.mark.breaks_stack]


def _journal(stack: RunningStack, run: str) -> list[dict[str, object]]:
    path = stack.home.drills / run / "journal.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    return [json.loads(line) for line in lines if line.endswith("}")]


def test_a_drill_outlives_the_control_service(whole_stack: RunningStack) -> None:
    known = {path.name for path in whole_stack.home.drills.glob("*")}
    # Whether an earlier test's page still fires does not matter here.
    asked = ("--reason", "outlive", "--profile", "game-day", "--json")
    follower = whole_stack.start("chaos", "run", "kill-replica", *asked)
    run = eventually(
        lambda: {path.name for path in whole_stack.home.drills.glob("*T*")} - known,
        bool,
        "the drill's folder",
    ).pop()
    eventually(lambda: _journal(whole_stack, run), bool, "the journal's first line")
    control = whole_stack.component("control").pid
    assert control is not None
    os.kill(control, signal.SIGKILL)
    follower.communicate(timeout=150)
    journal = eventually(
        lambda: _journal(whole_stack, run),
        lambda lines: lines[-1]["kind"] == "run.ended",
        "the journal's last line",
        seconds=120,
    )
    assert journal[0]["kind"] == "run.started"
    whole_stack.wait_until_ready()
    drills = whole_stack.json("chaos", "history", "--json")
    assert next(drill for drill in drills if drill["run"] == run)["state"] == "ended"


def test_halt_works_with_the_control_service_dead(whole_stack: RunningStack) -> None:
    control = whole_stack.component("control").pid
    assert control is not None
    os.kill(control, signal.SIGSTOP)
    try:
        answer = whole_stack.run("chaos", "halt", "--reason", "the service is dead")
    finally:
        os.kill(control, signal.SIGCONT)
    # No fault is left, but the service that somebody stopped by hand is.
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert f"nothing was injected; left: control (pid {control}) is stopped" in answer.stdout
    assert whole_stack.home.halt_file.exists()
    refused = whole_stack.run("chaos", "run", "kill-replica", "--reason", "while halted")
    assert refused.returncode == 4
    assert whole_stack.run("chaos", "rearm", "--reason", "done").returncode == 0
    assert not whole_stack.home.halt_file.exists()
