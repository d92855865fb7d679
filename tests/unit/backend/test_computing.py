"""A thread that computes keeps to its share of the time."""

import time

import pytest

from backend.ops.faults.cpu import Computing

TURN_SECONDS = 0.02


@pytest.mark.parametrize("percentage", [5, 20])
def test_a_turn_longer_than_its_share_is_made_up_for_by_a_pause(percentage: float) -> None:
    begun: list[float] = []

    def turn() -> None:
        begun.append(time.monotonic())
        time.sleep(TURN_SECONDS)  # what a turn takes, not waited for
        if len(begun) == 3:
            computing.stop()

    computing = Computing("cpu-burn", percentage, turn)
    computing.run()
    assert begun[-1] - begun[0] > 0.99 * 2 * TURN_SECONDS / (percentage / 100)
