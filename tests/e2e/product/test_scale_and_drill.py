"""Scaling and the first drill, under traffic: no request fails and no event is lost."""

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.traffic import assert_nothing_lost, replaying, write_access_log
from tests.fixtures.running import PATIENCE, RunningStack, eventually

pytestmark = [pytest.mark.stack, pytest.mark.breaks_stack]


def _scale(stack: RunningStack, count: int) -> None:
    answer = stack.run("scale", "api", str(count), "--reason", "the suite scales", "--wait")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert len(stack.ready()) == count


def _drilled(stack: RunningStack) -> dict[str, Any]:
    """Run the drill; on a busy machine its steady state is not given at once."""
    asked = ("kill-replica", "--profile", "game-day", "--reason", "drill", "--json")
    return eventually(
        lambda: stack.json("chaos", "run", *asked),
        lambda drill: bool(drill["steady_before"]),
        "a drill with its steady state before it",
        seconds=2 * PATIENCE,
    )


def test_scaling_and_killing_under_load_fails_no_request(
    whole_stack: RunningStack, tmp_path: Path
) -> None:
    log = write_access_log(tmp_path / "access.log", 1000)
    # More would by itself take most of two cores, which the suite's other lanes share.
    with replaying(whole_stack, log, rate=40, seconds=900) as replay:
        for count in (5, 1, 3):
            _scale(whole_stack, count)
        drill = _drilled(whole_stack)
        assert drill["verdict"] == "passed", drill
        assert drill["pid_before"] != drill["pid_after"]
        summary = replay.stop()
    assert summary["failed"] == 0, replay.told
    assert_nothing_lost(whole_stack, summary["run"])


def test_scaling_out_of_bounds_is_refused_with_the_bounds(stack: RunningStack) -> None:
    answer = stack.run("scale", "api", "99", "--reason", "too many")
    assert answer.returncode == 4
    assert "16" in answer.stderr


def test_an_action_without_a_reason_is_wrong_usage(stack: RunningStack) -> None:
    assert stack.run("scale", "api", "2").returncode == 2
    assert stack.run("chaos", "run", "kill-replica").returncode == 2


def test_scaling_is_written_to_the_audit_log(whole_stack: RunningStack) -> None:
    _scale(whole_stack, 3)
    entries = whole_stack.json("audit", "--json")
    scaled = [
        row for row in entries if row["action"] == "scale" and "the suite scales" in row["reason"]
    ]
    assert scaled
    assert all(row["actor"] and row["at"] and row["outcome"] for row in scaled)
