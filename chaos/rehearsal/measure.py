"""One fault type: inject it, see it there, halt, and look until nothing of it is left."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from backend.schemas.faults import DEFAULT_LEASE, Faults, Injection, State
from chaos.places import INSIDE, OUTSIDE, FaultPlace, is_agents
from chaos.rehearsal.practices import Practice
from chaos.rehearsal.schemas import Row
from chaos.schemas import Halt, HaltThrown
from chaos.schemas import State as ServiceState
from deploy.faults import FaultClientError

logger = logging.getLogger(__name__)

EFFECT_PATIENCE = 5.0
# Ten times what a halt is to take: after that, what is left is told.
CLEAN_PATIENCE = 20.0
LOOK_SECONDS = 0.02


class OtherHaltError(Exception):
    """Somebody halts in earnest: the rehearsal ends, and their switch stays on."""


class Switch(Protocol):
    """The part of the control service's client that a rehearsal clicks on."""

    def rehearse_halt(self, reason: str) -> HaltThrown: ...

    def rearm(self, reason: str, since: datetime | None = None) -> Halt: ...

    def state(self) -> ServiceState: ...


@dataclass(frozen=True, slots=True)
class Stage:
    """A practice with the one process or component that it is for, and where it is made."""

    practice: Practice
    target: str
    place: FaultPlace
    fault_id: str

    @property
    def injection(self) -> Injection:
        asked = {
            "id": self.fault_id,
            "kind": self.practice.kind,
            "target": self.target,
            "arguments": self.practice.arguments,
            "lease_seconds": DEFAULT_LEASE,
        }
        outside = is_agents(self.practice.kind, self.practice.target)
        return (OUTSIDE if outside else INSIDE).validate_python(asked)


def measure(stage: Stage, switch: Switch, reason: str) -> Row:
    """Return how it went; the fault is gone and the switch as before, also when it is cut short.

    Whatever cuts it short has a note where the fault could not be taken back.

    Raises:
        OtherHaltError: somebody else has halted.
        ControlError: the control service does not halt, or does not re-arm.
    """
    try:
        row = _measured(stage, switch, reason)
    except BaseException as error:
        if left := _take_back(stage):
            error.add_note(left)
        raise
    _take_back(stage)
    return row


def _measured(stage: Stage, switch: Switch, reason: str) -> Row:
    row = Row(fault=stage.practice.name, target=stage.target)
    started = time.monotonic()
    try:
        stage.place.inject(stage.injection)
        why = _until_there(stage)
        if why:
            return row.model_copy(update={"note": why})
        effect = time.monotonic() - started
        return _halt(stage, switch, reason, row.model_copy(update={"effect_seconds": effect}))
    except FaultClientError as error:
        return row.model_copy(update={"note": f"not made: {error}"})


def _halt(stage: Stage, switch: Switch, reason: str, row: Row) -> Row:
    """Click, and look beside it: the answer to the click is not what is measured."""
    clicked = time.monotonic()
    with ThreadPoolExecutor(1, thread_name_prefix="click") as click:
        thrown = click.submit(switch.rehearse_halt, reason)
        try:
            left = _until_clean(stage)
            clean = time.monotonic() - clicked
        finally:
            _rearm(switch, thrown.result(), reason)
    if left:
        return row.model_copy(update={"note": f"left: {left}"})
    return row.model_copy(update={"clean_seconds": clean})


def _rearm(switch: Switch, thrown: HaltThrown, reason: str) -> None:
    if not thrown.rehearsal:
        raise OtherHaltError(f"halted by {thrown.by}: {thrown.reason}")
    switch.rearm(reason, thrown.since)


def _until_there(stage: Stage) -> str:
    """Return once the fault is read back as active; else why it is not."""
    deadline = time.monotonic() + EFFECT_PATIENCE
    while time.monotonic() < deadline:
        found = [fault for fault in stage.place.read_back().faults if fault.id == stage.fault_id]
        if found and found[0].state is State.ACTIVE:
            return ""
        time.sleep(LOOK_SECONDS)
    return f"not read back within {EFFECT_PATIENCE:g} s"


def _until_clean(stage: Stage) -> str:
    """Return once nothing is read back; else what is left."""
    deadline = time.monotonic() + CLEAN_PATIENCE
    while (left := _left(stage)) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
    return left


def _left(stage: Stage) -> str:
    try:
        seen = stage.place.read_back()
    except FaultClientError as error:
        return f"it cannot be read back: {error}"
    return "; ".join(_words(seen, stage))


def _words(seen: Faults, stage: Stage) -> list[str]:
    mine = [fault for fault in seen.faults if fault.id == stage.fault_id]
    return [*(f"{fault.kind} is {fault.state}" for fault in mine), *seen.residue]


def _take_back(stage: Stage) -> str:
    """Return what may be left; what a halt has taken back is gone."""
    try:
        stage.place.revert(stage.fault_id)
    except FaultClientError as error:
        logger.warning("A rehearsed fault was not taken back", exc_info=True)
        # What cannot be taken back now ends with its lease.
        return (
            f"{stage.practice.name} at {stage.target} may be left for {DEFAULT_LEASE:g} s: {error}"
        )
    return ""
