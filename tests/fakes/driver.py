"""A driver that runs nothing: replicas are rows in memory, and time passes when it is asked.

Each `status()` moves the pretended world one step on: what was started or
killed before is ready in the next answer, so a test waits for a condition just
as it would with real processes.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from threading import RLock
from typing import Concatenate, ParamSpec, TypeVar

from deploy.driver import (
    LONGEST_DRAIN,
    AlreadyAsideError,
    Aside,
    AsideKind,
    Bounds,
    Component,
    ComponentState,
    CountOutOfBoundsError,
    DriverError,
    DriverUnavailableError,
    LastReplicaError,
    Note,
    Replica,
    StackStatus,
    StaleTargetError,
    UnansweredError,
    UnknownTargetError,
    Urls,
)

P = ParamSpec("P")
R = TypeVar("R")
Method = Callable[Concatenate["FakeDriver", P], R]

SOMEBODY = Note(by="somebody", reason="a test")
URLS = Urls(
    gateway="http://127.0.0.1:7400",
    console="http://127.0.0.1:7401",
    control="http://127.0.0.1:7402",
    prometheus="http://127.0.0.1:7403",
    alertmanager="http://127.0.0.1:7404",
)


def _in_turn(method: Method[P, R]) -> Method[P, R]:
    """Let threads ask one after the other: each answer puts a new world in the place of the old."""

    @wraps(method)
    def asked(self: "FakeDriver", /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.turn:
            return method(self, *args, **kwargs)

    return asked


class FakeDriver:
    """Holds the counts that it is given; `killed` lists every replica that a fault killed.

    `unavailable` makes each call fail as if the node agent were dead; `falters` names those
    that fail so once, each as often as it is named; `unanswered` makes each change fail as if
    it died between doing it and its answer;
    `stuck` names replicas that never become ready, `in_flight` what those that are put
    aside are still answering; `restarted` lists every restart.
    """

    def __init__(self, **counts: int) -> None:
        self.turn = RLock()
        self.limits = {"api": Bounds(minimum=1, maximum=16)}
        self.limits |= {role: Bounds(minimum=1, maximum=1) for role in ("relay", "worker")}
        self.wanted = {"api": 2, "relay": 1, "worker": 1} | counts
        self.unavailable = False
        self.falters: list[str] = []
        self.unanswered = False
        self.stuck: set[str] = set()
        self.killed: list[str] = []
        self.in_flight: dict[str, int] = {}
        self.restarted: list[str] = []
        self.others: list[str] = []
        self._aside: dict[str, Aside] = {}
        self._next_pid = 1000
        self._replicas: dict[str, Replica] = {}
        self._follow()
        self._settle()

    @_in_turn
    def status(self) -> StackStatus:
        self._reach("status")
        answer = self._answer()
        self._follow()
        self._settle()
        return answer

    def bounds(self, role: str) -> Bounds:
        self._reach()
        return self._known(role)

    def desired(self, role: str) -> int:
        self._reach()
        self._known(role)
        return self.wanted[role]

    @_in_turn
    def scale(self, role: str, count: int) -> None:
        self._reach()
        bounds = self._known(role)
        if not bounds.minimum <= count <= bounds.maximum:
            raise CountOutOfBoundsError(
                f"{role} runs with {bounds.minimum} to {bounds.maximum} replicas, not {count}"
            )
        self.wanted[role] = count
        self._follow()
        self._tell()

    @_in_turn
    def kill(self, replica_id: str) -> None:
        """Let it end as by a fault: no driver's own doing."""
        self.killed.append(replica_id)
        self._replicas[replica_id] = self._start(replica_id, self._replicas[replica_id].role)

    @_in_turn
    def restart(self, replica_id: str, expected_pid: int) -> None:
        self._reach("restart")
        replica = self._expected(replica_id, expected_pid)
        self.restarted.append(replica_id)
        self._replicas[replica_id] = self._start(replica_id, replica.role)
        self._tell()

    @_in_turn
    def drain(self, replica_id: str, note: Note, seconds: float | None = None) -> None:
        self._reach("drain")
        self._require_api(replica_id)
        if seconds is not None and not 0 < seconds <= LONGEST_DRAIN:
            raise DriverError(f"a drain lasts up to {LONGEST_DRAIN} seconds, not {seconds}")
        held = self._aside.get(replica_id)
        lasting = held is not None and held.until is None and seconds is not None
        if held is not None and (lasting or held.kind == "quarantine"):
            raise AlreadyAsideError(f"{replica_id} is put aside by {held.by}: release it first")
        self._put(replica_id, "drain", note, seconds)

    @_in_turn
    def quarantine(self, replica_id: str, note: Note = SOMEBODY) -> None:
        self._reach()
        self._require_api(replica_id)
        self._put(replica_id, "quarantine", note, None)

    @_in_turn
    def release(self, replica_id: str) -> None:
        self._reach()
        self._require_api(replica_id)
        self._aside.pop(replica_id, None)
        self._tell()

    def _put(self, replica_id: str, kind: AsideKind, note: Note, seconds: float | None) -> None:
        if not any(self._serves(name) for name in self._ids("api") if name != replica_id):
            raise LastReplicaError(
                f"{replica_id} is the last ready replica of api in the gateway: "
                "scale api up by one first"
            )
        now, held = datetime.now(UTC), self._aside.get(replica_id)
        self._aside[replica_id] = Aside(
            kind=kind,
            by=note.by,
            reason=note.reason,
            since=held.since if held and held.kind == kind else now,
            until=None if seconds is None else now + timedelta(seconds=seconds),
        )
        self._tell()

    def _expected(self, replica_id: str, pid: int) -> Replica:
        replica = self._replicas.get(replica_id)
        if replica is None:
            raise UnknownTargetError(f"there is no replica {replica_id}")
        if replica.pid != pid:
            raise StaleTargetError(f"{replica_id} runs as {replica.pid}, not {pid}")
        return replica

    def _require_api(self, replica_id: str) -> None:
        if replica_id not in self._ids("api"):
            raise UnknownTargetError(f"there is no api replica {replica_id}")

    def _serves(self, replica_id: str) -> bool:
        return self._replicas[replica_id].ready and replica_id not in self._aside

    def _reach(self, call: str = "") -> None:
        if falters := call in self.falters:
            self.falters.remove(call)
        if falters or self.unavailable:
            raise DriverUnavailableError("the node agent does not answer: run `pharos up`")

    def _tell(self) -> None:
        if self.unanswered:
            raise UnansweredError("no answer came: whether it was done is not known")

    def _known(self, role: str) -> Bounds:
        if role not in self.limits:
            raise UnknownTargetError(f"there is no role {role}: known are {', '.join(self.limits)}")
        return self.limits[role]

    def _ids(self, role: str) -> list[str]:
        if role == "api":
            return [f"api-{slot}" for slot in range(1, self.wanted["api"] + 1)]
        return [role]

    def _follow(self) -> None:
        wanted = {name: role for role in self.wanted for name in self._ids(role)}
        kept = {name: row for name, row in self._replicas.items() if name in wanted}
        new = {name: self._start(name, role) for name, role in wanted.items() if name not in kept}
        self._replicas = kept | new
        self._aside = {name: held for name, held in self._aside.items() if name in wanted}

    def _start(self, replica_id: str, role: str) -> Replica:
        self._next_pid += 1
        slot = int(replica_id.rpartition("-")[2]) if role == "api" else 0
        return Replica(
            id=replica_id,
            role=role,
            pid=self._next_pid,
            address=f"127.0.0.1:{7438 + 2 * slot}" if role == "api" else None,
            ops_address=f"127.0.0.1:{7439 + 2 * slot}",
            ready=False,
        )

    def _settle(self) -> None:
        self._replicas = {
            name: row.model_copy(update={"ready": name not in self.stuck})
            for name, row in self._replicas.items()
        }

    def _answer(self) -> StackStatus:
        now = datetime.now(UTC)
        self._aside = {
            name: held.model_copy(update={"in_flight": self.in_flight.get(name, 0)})
            for name, held in self._aside.items()
            if held.until is None or held.until > now
        }
        rows = [
            row.model_copy(update={"aside": self._aside.get(name)})
            for name, row in self._replicas.items()
        ]
        parts = [
            self._component(role, [row for row in rows if row.role == role]) for role in self.wanted
        ]
        parts += [Component(name=name, state=ComponentState.READY) for name in self.others]
        ready = all(part.state is ComponentState.READY for part in parts)
        return StackStatus(ready=ready, components=parts, replicas=rows, urls=URLS)

    def _component(self, role: str, rows: list[Replica]) -> Component:
        ready = sum(row.ready for row in rows)
        state = ComponentState.READY if ready == len(rows) else ComponentState.DEGRADED
        return Component(name=role, state=state if ready else ComponentState.STARTING)
