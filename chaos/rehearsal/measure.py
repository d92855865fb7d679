"""One fault type: inject it, see it there, halt, and look until nothing of it is left."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Protocol

from backend.schemas.faults import DEFAULT_LEASE
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


class Stage(Protocol):
    """One fault at its target; every call may raise `deploy.faults.FaultClientError`."""

    @property
    def practice(self) -> Practice: ...

    @property
    def target(self) -> str: ...

    def make(self) -> None: ...

    def is_there(self) -> bool: ...

    def left(self) -> list[str]:
        """Return in words what is still there, of it or of anything."""
        ...

    def take_back(self) -> None:
        """End it; what has ended already stays so."""
        ...


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
        stage.make()
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
        if stage.is_there():
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
        return "; ".join(stage.left())
    except FaultClientError as error:
        return f"it cannot be read back: {error}"


def _take_back(stage: Stage) -> str:
    """Return what may be left; what a halt has taken back is gone."""
    try:
        stage.take_back()
    except FaultClientError as error:
        logger.warning("A rehearsed fault was not taken back", exc_info=True)
        # What cannot be taken back now ends with its lease.
        return (
            f"{stage.practice.name} at {stage.target} may be left for {DEFAULT_LEASE:g} s: {error}"
        )
    return ""
