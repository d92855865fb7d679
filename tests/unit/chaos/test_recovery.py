"""When what was killed counts as well again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chaos.drill import Drill, entered
from chaos.faults.leased import inject
from chaos.probes.recovery import recovered
from chaos.probes.replicas import serves_again
from deploy.driver import StackStatus
from tests.fakes.drills import fake_drill
from tests.fakes.driver import FakeDriver
from tests.fakes.places import killing
from tests.fixtures.running import PATIENCE


class SlowlyDying(FakeDriver):
    """A killed process shows as ready for a look, then there is none for one, then its successor.

    `looks` is what has still to be seen of the one that was killed.
    """

    def __init__(self) -> None:
        super().__init__()
        self.looks: list[tuple[str, dict[str, Any]]] = []

    def kill(self, replica_id: str) -> None:
        before = next(row for row in super().status().replicas if row.id == replica_id)
        super().kill(replica_id)
        self.looks = [
            (replica_id, {"pid": before.pid, "ready": True}),
            (replica_id, {"pid": None, "ready": True}),
            (replica_id, {"pid": None, "ready": False}),
        ]

    def status(self) -> StackStatus:
        if not self.looks:
            return super().status()
        replica_id, seen = self.looks.pop(0)
        found = super().status()
        rows = [
            row.model_copy(update=seen) if row.id == replica_id else row for row in found.replicas
        ]
        return found.model_copy(update={"replicas": rows})


@pytest.fixture
def driver() -> SlowlyDying:
    return SlowlyDying()


@pytest.fixture
def drill(tmp_path: Path, driver: SlowlyDying) -> Iterator[Drill]:
    drill = fake_drill(tmp_path / "20260101T000000-0001", driver)
    drill.places = killing(driver)
    with entered(drill):
        yield drill


def test_a_killed_process_is_well_again_only_as_another_one(
    drill: Drill, driver: SlowlyDying
) -> None:
    inject("kill", "relay")
    recovered(within=PATIENCE)
    assert driver.looks == []
    assert drill.facts.pid_after not in (None, drill.facts.pid_before)


def test_a_killed_replica_serves_again_only_as_another_process(
    drill: Drill, driver: SlowlyDying
) -> None:
    inject("kill", "api")
    serves_again(within=PATIENCE)
    assert driver.looks == []
    assert drill.facts.pid_after not in (None, drill.facts.pid_before)
