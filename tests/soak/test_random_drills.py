"""Drills in a row, in a seeded order, under traffic: nothing is left, and nobody was failed.

One that injects nothing, since its steady state was not given, is not counted.

`PHAROS_SOAK_DRILLS` is how many (50), `PHAROS_SOAK_SEED` what decides which.
"""

import os
import random
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest

from chaos.client import ControlClient
from chaos.gameday import agenda
from chaos.gameday.agenda import Item
from chaos.gameday.calm import Calm
from chaos.runner.experiments import load_all
from chaos.signals.sources import StackSources
from deploy.access import control_access
from deploy.home import Home
from deploy.local.driver import LocalDriver
from deploy.local.faultplaces import fault_places
from deploy.local.specs import running
from deploy.local.wanted import missing_extras
from tests.e2e.traffic import assert_nothing_lost, replaying, write_access_log
from tests.fixtures.running import RunningStack

pytestmark = [pytest.mark.soak, pytest.mark.stack, pytest.mark.breaks_stack]

DRILLS = int(os.environ.get("PHAROS_SOAK_DRILLS", "50"))
SEED = int(os.environ.get("PHAROS_SOAK_SEED", "1"))
RATE, LINES = 20, 10_000
OBJECTIVES = "objectives"
DRILL_SECONDS = 600
# More of the product's own requests than this share is not what any of these means to fail.
HARMLESS = 0.005
# What CPython's heap and SQLite's cache move by themselves, from one drill to the next.
NOISE_BYTES = 200_000
SPARE = 10


def chosen(home: Home) -> list[str]:
    """Return drills that mean to fail nobody and that this stack can have, drawn with the seed.

    Those of an objective wait for its windows, each for up to forty minutes, which is no soak:
    game days have them.
    """
    names = [
        plan.experiment.name
        for plan in load_all()
        if plan.tolerance.error_ratio <= HARMLESS
        and OBJECTIVES not in plan.experiment.tags
        and not missing_extras(home, plan.experiment.needs)
    ]
    return random.Random(SEED).choices(sorted(names), k=DRILLS + SPARE)  # noqa: S311


def test_drills_in_a_row_leave_nothing_behind(whole_stack: RunningStack, tmp_path: Path) -> None:
    log, sizes = write_access_log(tmp_path / "access.log", LINES), [_size(whole_stack)]
    names, meant, injected = chosen(whole_stack.home), 0.0, 0
    with replaying(whole_stack, log, rate=RATE, seconds=DRILL_SECONDS * DRILLS) as replay:
        for item in _items(names):
            verdict = _drilled(whole_stack, item)
            print(f"{item.name}: {verdict['verdict']}: {verdict['reason']}")  # noqa: T201
            assert _left(whole_stack) == []
            sizes.append(_size(whole_stack))
            if verdict["fault_at"] is None:
                continue
            assert verdict["undo"]["clean"], verdict
            meant += _may_fail(item, verdict)
            injected += 1
            if injected == DRILLS:
                break
        summary = replay.stop()
    assert injected == DRILLS
    print(f"{summary['failed']} of {summary['sent']} requests failed")  # noqa: T201
    print(f"the control service grew by {_slope(sizes):,.0f} bytes a drill")  # noqa: T201
    assert summary["failed"] <= meant
    assert _slope(sizes) < NOISE_BYTES
    assert_nothing_lost(whole_stack, summary["run"])


def _items(names: list[str]) -> list[Item]:
    by_name = {item.name: item for item in agenda.chosen(load_all(), set(names), ())}
    return [by_name[name] for name in names]


def _drilled(stack: RunningStack, item: Item) -> dict[str, Any]:
    """Run a drill as a game day runs its next one: once it is calm, and under its guards."""
    with closing(ControlClient(control_access(stack.home))) as client:
        calm = Calm(LocalDriver(stack.home), StackSources(stack.home), client)
        left = calm.wait(item, halted=lambda: False)
    assert not left, f"not calm before {item.name}: {left}"
    asked = ("--profile", agenda.PROFILE, "--reason", "soak", "--json")
    found: dict[str, Any] = stack.json("chaos", "run", item.name, *asked, seconds=DRILL_SECONDS)
    return found


def _may_fail(item: Item, verdict: dict[str, Any]) -> float:
    """Return how many of the requests during the fault the experiment means to fail at most."""
    plan = next(plan for plan in load_all() if plan.experiment.name == item.name)
    return float(plan.tolerance.error_ratio * (verdict["impact"]["requests"] or 0))


def _left(stack: RunningStack) -> list[str]:
    seen = [place.client.read_back() for place in fault_places(stack.home)]
    held = [f"{fault.kind} at {fault.target}" for each in seen for fault in each.faults]
    return [*held, *(words for each in seen for words in each.residue)]


def _size(stack: RunningStack) -> int:
    record = running(stack.home, "control")
    assert record
    return int(psutil.Process(record.identity.pid).memory_info().rss)


def _slope(sizes: list[int]) -> float:
    """Return the bytes a drill of the straight line that fits best; the first drills warm up."""
    points = list(enumerate(sizes))[len(sizes) // 5 :]
    middle = sum(x for x, _ in points) / len(points)
    spread = sum((x - middle) ** 2 for x, _ in points)
    return sum((x - middle) * y for x, y in points) / spread if spread else 0.0
