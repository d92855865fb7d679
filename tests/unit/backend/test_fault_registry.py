"""The registry of a process's faults, asked by several at once."""

import threading
from pathlib import Path

import pytest

from backend.entrypoints.faults import process_faults
from backend.observability.catalogue import Process
from backend.observability.metrics import Instruments
from backend.ops.readiness import Readiness
from backend.schemas.halting import HaltSwitch
from backend.schemas.replica_faults import FailingReadinessInjection
from backend.settings import Settings

LOOK = {"id": "look", "kind": "failing-readiness", "lease_seconds": 30, "arguments": {}}


def test_whoever_halts_and_reads_back_sees_every_fault_that_is_made_after_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    halt_file = tmp_path / "halt"
    settings = Settings(replica_id="worker", halt_file=halt_file)
    instruments = Instruments(Process.WORKER, "1")
    registry = process_faults(settings, instruments, Readiness(instruments))
    seen: list[str] = []

    def halt() -> None:
        halt_file.touch()
        seen.extend(fault.id for fault in registry.read().faults)

    halting = threading.Thread(target=halt)

    def off_until_just_now(_: HaltSwitch) -> bool:
        if not halting.ident:
            halting.start()
            # Time enough for somebody who has to wait for nobody.
            halting.join(0.5)
        return False

    monkeypatch.setattr(HaltSwitch, "on", off_until_just_now)
    registry.inject(FailingReadinessInjection.model_validate(LOOK))
    halting.join()
    assert seen == ["look"]
    registry.close()
