"""Places of faults in memory, whose leases really run out; they break as a test says."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock

from backend.schemas.faults import Fault, Faults, Injection, State
from deploy.driver import Replica
from deploy.faults import (
    FaultNotDoneError,
    FaultRefusedError,
    FaultTargetAwayError,
    UnknownFaultError,
)
from tests.fakes.driver import FakeDriver


@dataclass
class FakePlace:
    """`away` answers nothing, `refuses` says no, `stuck` takes nothing back, `residue` stays.

    An `unreadable` one does all but read back. Its faults have sent `own_requests` each.
    `on_inject` is called once a fault is made.
    Several threads may ask it at once, as a real one: each has its turn.
    """

    away: bool = False
    unreadable: bool = False
    refuses: bool = False
    stuck: bool = False
    residue: list[str] = field(default_factory=list)
    own_requests: int = 0
    renewals: int = 0
    held: dict[str, tuple[Injection, float]] = field(default_factory=dict)
    asked: list[Injection] = field(default_factory=list)
    on_inject: Callable[[Injection], object] | None = None
    _turn: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)

    def inject(self, injection: Injection) -> Fault:
        with self._turn:
            self._reach()
            if self.refuses:
                raise FaultRefusedError("another fault holds it: revert it first")
            self.asked.append(injection)
            self.held[injection.id] = (injection, time.monotonic() + injection.lease_seconds)
            fault = self._fault(injection.id)
        if self.on_inject is not None:
            self.on_inject(injection)
        return fault

    def renew(self, fault_id: str, lease_seconds: float) -> Fault:
        with self._turn:
            self._reach()
            if fault_id not in self.held:
                raise UnknownFaultError(f"no fault {fault_id} is in force: inject it anew")
            self.renewals += 1
            self.held[fault_id] = (self.held[fault_id][0], time.monotonic() + lease_seconds)
            return self._fault(fault_id)

    def revert(self, fault_id: str) -> None:
        with self._turn:
            self._reach()
            if self.stuck:
                raise FaultNotDoneError("its process does not go on; it goes on being tried")
            self.held.pop(fault_id, None)

    def read_back(self) -> Faults:
        with self._turn:
            self._reach()
            if self.unreadable:
                raise FaultTargetAwayError("http://127.0.0.1:1 does not answer")
            return Faults(faults=[self._fault(each) for each in self.held], residue=self.residue)

    def end(self) -> None:
        """End every lease now, as if it had run out."""
        with self._turn:
            self.held.clear()

    def _reach(self) -> None:
        if self.away:
            raise FaultTargetAwayError("http://127.0.0.1:1 does not answer")
        now = time.monotonic()
        self.held = {name: each for name, each in self.held.items() if each[1] > now}

    def _fault(self, fault_id: str) -> Fault:
        injection, until = self.held[fault_id]
        left, now = until - time.monotonic(), datetime.now(UTC)
        asked = injection.model_dump(mode="json")
        return Fault(
            id=fault_id,
            kind=asked["kind"],
            target=injection.target,
            arguments=asked["arguments"],
            lease_seconds=injection.lease_seconds,
            injected_at=now,
            expires_at=now + timedelta(seconds=left),
            expires_in_seconds=left,
            state=State.STUCK if self.stuck else State.ACTIVE,
            detail="is at work",
            own_requests=self.own_requests,
        )


class FakePlaces:
    """One place for the agent, and one for every replica."""

    def __init__(self) -> None:
        self.of_agent, self.of_replicas = FakePlace(), FakePlace()

    def agent(self) -> FakePlace:
        return self.of_agent

    def replica(self, replica: Replica) -> FakePlace:  # noqa: ARG002
        return self.of_replicas


def killing(driver: FakeDriver) -> FakePlaces:
    """Return places whose node agent really kills the replicas of that driver."""
    places = FakePlaces()
    places.of_agent.on_inject = lambda injection: kill(driver, injection)
    return places


def kill(driver: FakeDriver, injection: Injection) -> None:
    """Do what an injection of `kill` does to the replicas of a driver; any other does nothing."""
    if injection.model_dump()["kind"] == "kill" and injection.target is not None:
        driver.kill(injection.target)
