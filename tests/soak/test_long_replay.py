"""The whole promise at length: a long replay while the stack is scaled, drilled and broken."""

from pathlib import Path

import pytest

from tests.e2e.calm import until_let_in
from tests.e2e.killing import kill_and_await
from tests.e2e.traffic import assert_nothing_lost, replaying, write_access_log
from tests.fixtures.running import RunningStack

pytestmark = [pytest.mark.soak, pytest.mark.stack, pytest.mark.breaks_stack]

LINES, RATE = 10_000, 200


def test_scaling_and_drills_during_a_long_replay_fail_no_request(
    whole_stack: RunningStack, tmp_path: Path
) -> None:
    log = write_access_log(tmp_path / "access.log", LINES)
    with replaying(whole_stack, log, rate=RATE, seconds=180) as replay:
        for count in (5, 1, 3):
            answer = whole_stack.run("scale", "api", str(count), "--reason", "soak", "--wait")
            assert answer.returncode == 0, answer.stderr
        for _ in range(2):
            until_let_in(whole_stack, "kill-replica")
            drill = whole_stack.json("chaos", "run", "kill-replica", "--reason", "soak", "--json")
            assert drill["pid_before"] != drill["pid_after"]
            assert drill["undo"]["clean"]
        summary = replay.finish(seconds=300)
    assert summary["failed"] == 0, replay.told
    assert summary["sent"] == RATE * 180
    assert_nothing_lost(whole_stack, summary["run"])


@pytest.mark.parametrize("round_", range(3))
def test_every_part_killed_in_turn_loses_nothing(
    whole_stack: RunningStack, tmp_path: Path, round_: int
) -> None:
    log = write_access_log(tmp_path / "access.log", LINES)
    with replaying(whole_stack, log, rate=100, seconds=170) as replay:
        for name in ("relay", "worker", "agent", "rabbitmq", "redis", "postgres"):
            kill_and_await(whole_stack, name)
        summary = replay.finish(seconds=300)
    assert_nothing_lost(whole_stack, summary["run"])
