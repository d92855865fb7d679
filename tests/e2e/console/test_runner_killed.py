"""`kill -9` of a drill's runner while its fault is there: the drill ends once nothing is left."""

import json
import os
import signal
from typing import Any

import pytest

from tests.e2e.calm import until_let_in
from tests.fixtures.running import PATIENCE, RunningStack, eventually

pytestmark = [pytest.mark.stack, pytest.mark.breaks_stack]

DRILL = "slow-replica"


def _drill(stack: RunningStack, reason: str) -> dict[str, Any]:
    drills: list[dict[str, Any]] = stack.json("chaos", "history", "--json")
    return next((drill for drill in drills if drill["reason"] == reason), {"run": None})


def _rows(stack: RunningStack, reason: str) -> list[dict[str, Any]]:
    return [row for row in stack.json("audit", "--json") if row["reason"] == reason]


def test_a_drill_without_its_runner_ends_once_its_fault_is_read_back_as_gone(
    whole_stack: RunningStack,
) -> None:
    reason = "its runner is killed"
    until_let_in(whole_stack, DRILL, "game-day")
    asked = ("--reason", reason, "--profile", "game-day")
    follower = whole_stack.start("chaos", "run", DRILL, *asked)
    run = eventually(lambda: _drill(whole_stack, reason)["run"], bool, "the drill")
    journal = whole_stack.home.drills / run / "journal.jsonl"
    eventually(
        lambda: journal.read_text() if journal.exists() else "",
        lambda text: "fault.injected" in text,
        "the fault",
    )
    os.kill(json.loads(journal.read_text().splitlines()[0])["pid"], signal.SIGKILL)
    assert follower.wait(timeout=PATIENCE) != 0
    second = whole_stack.run("chaos", "run", "kill-replica", "--reason", "on top", *asked[2:])
    assert (second.returncode, f"Drill {run} has not ended" in second.stderr) == (4, True)
    ended = eventually(
        lambda: _rows(whole_stack, reason),
        lambda rows: any(row["outcome"] == "failed" for row in rows),
        "the end of it",
        seconds=2 * PATIENCE,
    )
    assert [row["detail"] for row in ended if row["outcome"] == "failed"] == [
        "interrupted; nothing of it is left"
    ]
    assert '"kind":"undo"' in journal.read_text().splitlines()[-1]
    assert _drill(whole_stack, reason)["state"] == "interrupted"
