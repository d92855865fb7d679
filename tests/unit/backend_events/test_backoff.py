"""Delays that grow, spread, and end with a stop."""

import asyncio

from backend.resilience.backoff import Backoff, pause


def test_delays_grow_to_the_ceiling_and_stay_there() -> None:
    backoff = Backoff(first=1, ceiling=8)
    delays = [backoff.next() for _ in range(40)]
    fulls = [1, 2, 4] + [8] * 37
    assert all(full / 2 <= delay <= full for delay, full in zip(delays, fulls, strict=True))


def test_two_processes_that_fail_together_do_not_come_back_together() -> None:
    first, second = Backoff(), Backoff()
    assert [first.next() for _ in range(5)] != [second.next() for _ in range(5)]


def test_a_reset_starts_small_again() -> None:
    backoff = Backoff(first=1, ceiling=64)
    for _ in range(6):
        backoff.next()
    backoff.reset()
    assert backoff.next() <= 1


async def test_a_stop_cuts_a_pause_short() -> None:
    stopping = asyncio.Event()
    stopping.set()
    await asyncio.wait_for(pause(stopping, 60), 1)


async def test_a_pause_without_a_stop_ends_by_itself() -> None:
    stopping = asyncio.Event()
    await pause(stopping, 0.01)
    assert not stopping.is_set()
