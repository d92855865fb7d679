"""What `up` does where something else changes the stack, with real processes of stand-in parts."""

import os
import signal
from dataclasses import replace

import pytest

from deploy.home import Home
from deploy.local.component import PreparationError
from deploy.local.holds import hold, lift
from deploy.local.launch import uptime
from deploy.local.progress import Steps
from deploy.local.specs import read_record, running
from deploy.local.starting import NotHealthyError
from deploy.local.up import up
from deploy.local.wanted import Wanted, read_wanted, write_wanted
from tests.fakes.parts import small_parts
from tests.fixtures.running import eventually, listening

PARTS = small_parts()
# Never started: it only says how long `up` is to wait for what runs already.
HASTY = small_parts({"redis": ("--deaf",)}, start_timeout=2)


def _hold_down(home: Home, name: str) -> None:
    """Keep a part down as the node agent does, until its launcher waits."""
    record = running(home, name)
    assert record
    hold(home, name, uptime() + 3600)
    os.kill(record.identity.pid, signal.SIGKILL)

    def waits() -> bool:
        now = read_record(home, name)
        return now is not None and now.identity != record.identity and now.waiting

    eventually(waits, bool, f"{name} held by its launcher")


def test_a_part_that_a_fault_holds_down_is_named_so_and_comes_back_when_it_ends(
    home: Home, steps: Steps
) -> None:
    up(home, steps, parts=PARTS)
    _hold_down(home, "redis")
    held = read_record(home, "redis")
    with pytest.raises(NotHealthyError, match="a fault holds it down") as failure:
        up(home, steps, parts=HASTY)
    assert failure.value.ran_before
    assert read_record(home, "redis") == held
    lift(home, "redis")
    eventually(lambda: ("127.0.0.1", home.ports["redis"]) in listening(home), bool, "redis back")


def _scale(home: Home, count: int) -> None:
    """Write the count as the node agent does, which never waits for the stack's lock."""
    write_wanted(home, _wanted(home).with_count("api", count))


def _wanted(home: Home) -> Wanted:
    wanted = read_wanted(home)
    assert wanted
    return wanted


def test_a_scaling_while_up_gets_its_programs_stands(home: Home, steps: Steps) -> None:
    def scale(home: Home, _: Wanted, __: object) -> None:
        _scale(home, 3)

    up(home, steps, parts=PARTS)
    up(home, steps, extras=["history"], parts=replace(PARTS, obtain=scale))
    assert _wanted(home).counts["api"] == 3
    assert "history" in _wanted(home).extras


@pytest.mark.parametrize("asked", [None, 3])
def test_a_scaling_during_an_up_that_fails_stands(
    home: Home, steps: Steps, asked: int | None
) -> None:
    def scale_and_fail(home: Home, _: Wanted) -> bool:
        _scale(home, 4)
        raise PreparationError("no servers today")

    up(home, steps, parts=PARTS)
    failing = replace(PARTS, settle_servers=scale_and_fail)
    with pytest.raises(PreparationError):
        up(home, steps, replicas=asked, extras=["history"], parts=failing)
    assert _wanted(home).counts["api"] == 4
    assert "history" not in _wanted(home).extras


def test_an_up_that_fails_takes_back_the_count_that_it_was_given(home: Home, steps: Steps) -> None:
    def fail(home: Home, _: Wanted) -> bool:
        raise PreparationError("no servers today")

    up(home, steps, parts=PARTS)
    with pytest.raises(PreparationError):
        up(home, steps, replicas=3, parts=replace(PARTS, settle_servers=fail))
    assert _wanted(home).counts["api"] == 2
