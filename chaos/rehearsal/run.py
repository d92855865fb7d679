"""All of a rehearsal: what keeps it from starting, one fault type after the other, the history."""

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from chaos.client import ControlError
from chaos.journal import utc_now
from chaos.places import Places, is_agents
from chaos.rehearsal.history import enter
from chaos.rehearsal.measure import OtherHaltError, Stage, Switch, measure
from chaos.rehearsal.practices import SENT, Practice
from chaos.rehearsal.schemas import Rehearsal, Row
from chaos.rehearsal.sending import Sending
from chaos.rehearsal.stages import Leased
from chaos.runner.guards import GuardError, alone, check_guards
from chaos.schemas import State
from deploy.driver import Driver, DriverError, Replica, StackStatus
from deploy.home import Home

WHOLE_PATIENCE = 60.0
LOOK_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Room:
    """Where it is rehearsed; `state` is the control service's, as it was asked just now."""

    home: Home
    state: State
    driver: Driver
    places: Places
    switch: Switch


def rehearse(
    room: Room, practices: Sequence[Practice], reason: str, tell: Callable[[Row], None]
) -> Rehearsal:
    """Rehearse the halt with each fault type; what was found is in the history in any case.

    The halt switch is off before it and after it. Whoever halts meanwhile ends it.

    Raises:
        GuardError: it must not be rehearsed here or now; nothing was done.
        KeyboardInterrupt: it was interrupted; its words are those of the history.
        HistoryError: it could not be written down.
    """
    run = f"rehearsal-{utc_now():%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
    with alone(room.home, run):
        _check(room)
        with _recorded(room, run, reason) as keep:
            for number, practice in enumerate(practices, 1):
                row = _one(room, practice, f"{run}-{number}", f"{reason} ({practice.name})")
                keep.rows.append(row)
                tell(row)
                _until_whole(room.driver)
    return keep.rehearsal


def _check(room: Room) -> None:
    """Refuse like a drill's guards, and where one replica is all that users have.

    Raises:
        GuardError: says why.
    """
    check_guards(room.home, room.state.environment)
    if room.state.role != "admin":
        raise GuardError(f"a rehearsal re-arms, which takes an admin, not {room.state.role}")
    try:
        status = room.driver.status()
    except DriverError as error:
        raise GuardError(f"the stack cannot be seen: {error}") from error
    if len(_ready(status, "api")) < 2:
        raise GuardError("fewer than 2 api replicas are ready: scale api to 2 or more first")


class _Record:
    def __init__(self, run: str, reason: str) -> None:
        self._run, self._reason, self._at = run, reason, utc_now()
        self.rows: list[Row] = []
        self._ended: list[str] = []

    def end(self, *words: str) -> None:
        """Add to why it was cut short, and to what that may have left."""
        self._ended.extend(words)

    @property
    def rehearsal(self) -> Rehearsal:
        return Rehearsal(
            run=self._run,
            at=self._at,
            reason=self._reason,
            rows=self.rows,
            ended="; ".join(self._ended),
        )


@contextmanager
def _recorded(room: Room, run: str, reason: str) -> Iterator[_Record]:
    """Keep what was found, whatever ends the block; an interruption then says how it was left."""
    record = _Record(run, reason)
    interrupted = False
    try:
        yield record
    except (OtherHaltError, ControlError, DriverError) as error:
        record.end(str(error), *_notes(error))
    except KeyboardInterrupt as error:
        interrupted = True
        record.end("interrupted", *_notes(error) or ["what was injected is taken back"])
    finally:
        _leave_as_found(room.switch, reason, record)
        enter(room.home, record.rehearsal)
    if interrupted:
        raise KeyboardInterrupt(record.rehearsal.ended)


def _notes(error: BaseException) -> list[str]:
    return getattr(error, "__notes__", [])


def _leave_as_found(switch: Switch, reason: str, record: _Record) -> None:
    """Take back a rehearsal's halt that an interruption at a bad moment left on."""
    try:
        halt = switch.state().halt
        if halt.on and halt.rehearsal:
            switch.rearm(reason, halt.since)
    except ControlError as error:
        record.end(f"the halt switch may be on, `pharos chaos rearm` takes it back: {error}")


def _one(room: Room, practice: Practice, fault_id: str, reason: str) -> Row:
    status = room.driver.status()
    if practice.needs and practice.needs not in {part.name for part in status.components}:
        note = f"this stack has no {practice.needs}"
        return Row(fault=practice.name, target=practice.target, skipped=True, note=note)
    return measure(_stage(room, practice, fault_id, status), room.switch, reason)


def _stage(room: Room, practice: Practice, fault_id: str, status: StackStatus) -> Stage:
    if practice.kind in SENT:
        return Sending(practice, room.home)
    replica = next(iter(_ready(status, practice.target)), None)
    target = replica.id if replica else practice.target
    if replica is None or is_agents(practice.kind, practice.target):
        place = room.places.agent()
    else:
        place = room.places.replica(replica)
    return Leased(practice, target, place, fault_id)


def _ready(status: StackStatus, role: str) -> list[Replica]:
    return [row for row in status.replicas if row.role == role and row.ready]


def _until_whole(driver: Driver) -> None:
    """Wait for what was killed, so that the next fault meets a whole stack."""
    deadline = time.monotonic() + WHOLE_PATIENCE
    while time.monotonic() < deadline:
        if driver.status().ready:
            return
        time.sleep(LOOK_SECONDS)
