"""A rolling restart as a state machine: what is next, by what the replicas are now. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from deploy.driver import Replica

Phase = Literal["waiting", "draining", "returning"]
Do = Literal["drain", "restart", "put-back", "wait", "finish", "stop"]

# The gateway has its new endpoints by then, and what it was just sending has arrived.
SETTLE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Step:
    """What to do now to the replica that it is the turn of; `words` tell how far it is."""

    do: Do
    words: str
    replica: str = ""
    pid: int = 0


@dataclass(slots=True)
class Rolling:
    """One restart of a role, replica after replica; `plan` holds the processes that are to go.

    `most` is how many served at the start: never do less than one fewer. `drains` is False
    for a role that answers no requests. What the next look finds decides how it goes on:
    nothing is assumed to have happened because it was asked for. Only that a restart was taken
    is told by `restarts`: until then each look asks for it.
    """

    plan: dict[str, int]
    most: int
    drains: bool
    drain_limit: timedelta
    return_limit: timedelta
    since: datetime
    current: str = ""
    phase: Phase = "waiting"
    done: list[str] = field(default_factory=list)
    left_alone: dict[str, str] = field(default_factory=dict)

    def next_step(self, replicas: Sequence[Replica], now: datetime) -> Step:
        """Return what to do next; whatever it is, another look comes after it."""
        if not self.current and not self._turn_to_next(now):
            return Step("finish", self.told())
        replica = next((each for each in replicas if each.id == self.current), None)
        if replica is None:
            return self._leave_alone("it was scaled away", replicas, now)
        if replica.aside is not None and replica.aside.until is None:
            aside = replica.aside
            return self._leave_alone(f"{aside.kind} by {aside.by}", replicas, now)
        match self.phase:
            case "waiting":
                return self._before(replica, replicas, now)
            case "draining":
                return self._while_draining(replica, replicas, now)
            case "returning":
                return self._while_returning(replica, now)

    def restarts(self, now: datetime) -> None:
        """Wait from now on for the one that it is the turn of to come back as another process."""
        self._enter("returning", now)

    def stopped(self, why: str) -> Step:
        return Step("stop", f"{why}; {self.told()}", self.current)

    def told(self) -> str:
        """Return how far it is, in words."""
        words = f"{len(self.done)} of {len(self.plan)} restarted"
        alone = "; ".join(
            f"{name} is left as it is: {why}" for name, why in self.left_alone.items()
        )
        return f"{words}; {alone}" if alone else words

    def _turn_to_next(self, now: datetime) -> bool:
        waiting = [name for name in self.plan if name not in {*self.done, *self.left_alone}]
        self.current = waiting[0] if waiting else ""
        self._enter("waiting", now)
        return bool(waiting)

    def _enter(self, phase: Phase, now: datetime) -> None:
        self.phase, self.since = phase, now

    def _leave_alone(self, why: str, replicas: Sequence[Replica], now: datetime) -> Step:
        self.left_alone[self.current] = why
        self.current = ""
        return self.next_step(replicas, now)

    def _before(self, replica: Replica, replicas: Sequence[Replica], now: datetime) -> Step:
        if not self.drains or not replica.ready:
            return self._restart(replica, now)  # it serves nobody: nothing is lost by it
        others = _others_serving(replica, replicas)
        if others >= self.most - 1:
            self._enter("draining", now)
            return Step("drain", f"{replica.id} drains; {self.told()}", replica.id)
        words = f"{replica.id} waits: {others} others serve, {self.most - 1} must"
        if now - self.since > self.return_limit:
            return self.stopped(words)
        return Step("wait", f"{words}; {self.told()}", replica.id)

    def _while_draining(self, replica: Replica, replicas: Sequence[Replica], now: datetime) -> Step:
        if _others_serving(replica, replicas) < self.most - 1:
            self._enter("waiting", now)
            return Step("put-back", f"{replica.id} is put back: another one fails", replica.id)
        spent, aside = now - self.since, replica.aside
        idle = aside is not None and aside.in_flight == 0 and spent >= SETTLE
        if idle or spent > self.drain_limit:
            return self._restart(replica, now)
        left = "some" if aside is None or aside.in_flight is None else aside.in_flight
        words = f"{replica.id} drains: {left} requests in flight; {self.told()}"
        return Step("drain", words, replica.id)

    def _restart(self, replica: Replica, now: datetime) -> Step:
        words = f"{replica.id} restarts; {self.told()}"
        if replica.pid is None or replica.pid != self.plan[replica.id]:
            self.restarts(now)
            return Step("wait", words, replica.id)  # it went by itself, just before
        return Step("restart", words, replica.id, replica.pid)

    def _while_returning(self, replica: Replica, now: datetime) -> Step:
        if replica.ready and replica.pid not in {None, self.plan[replica.id]}:
            self.done.append(replica.id)
            self.current = ""
            return Step("put-back", self.told(), replica.id)
        spent = now - self.since
        if spent > self.return_limit:
            return self.stopped(f"{replica.id} did not come back in {spent.total_seconds():.0f} s")
        do: Do = "wait" if replica.aside is None else "drain"
        return Step(do, f"{replica.id} restarts; {self.told()}", replica.id)


def _others_serving(replica: Replica, replicas: Sequence[Replica]) -> int:
    same_role = (each for each in replicas if each.role == replica.role)
    return sum(each.serves for each in same_role if each.id != replica.id)
