"""A hand-written stand-in for the control service, as the console sees it."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import BaseModel

from console.alert_schemas import (
    AcknowledgeRequest,
    ActiveAlerts,
    Runbook,
    Silence,
    SilenceRequest,
)
from console.clients.control import ControlClient
from console.clients.failures import RefusedError, RejectedError, SourceError
from console.components.session import Sources
from console.control.errors import NotFoundError
from console.control.runbooks import read_runbook
from console.game_day_schemas import HeldGameDay
from console.guard_schemas import GuardAnswer, GuardAnswers
from console.headroom_schemas import Headroom
from console.ledger_schemas import LedgerRow
from console.replica_schemas import AsideRequest, RestartRequest
from console.schedule_schemas import Schedule
from console.schemas import (
    Acknowledgement,
    Action,
    Alert,
    Drill,
    DrillRequest,
    Experiment,
    GrafanaDashboard,
    GuardProfile,
    Halt,
    HaltThrown,
    LogBar,
    LogHistogram,
    LogLine,
    LogLines,
    ReasonOnly,
    ScalePreview,
    ScaleRequest,
    State,
)
from console.timeline_schemas import Moment, Timeline
from deploy.faults.inventory import Inventory
from deploy.faults.sweep import Swept
from tests.fakes import believable, evidence
from tests.fakes.series import FakePrometheus


class FakeControl(ControlClient):
    """Answers from its fields and remembers what was asked of it; `trouble` makes it fail."""

    def __init__(self) -> None:
        self.trouble: SourceError | None = None
        self.now = believable.state()
        self.alerts: list[Alert] = []
        self.ended: list[Alert] = []
        self.troubles: list[str] = []
        self.held: list[Silence] = []
        self.past: list[Drill] = []
        self.done: list[Action] = []
        self.asked: list[BaseModel] = []
        self.catalogue = [believable.experiment()]
        self.refusal = ""
        self.against: list[GuardAnswer] = []
        self.unguarded: SourceError | None = None
        self.injected = Inventory(faults=[], residue=[], unknown=[])
        self.rules: list[LedgerRow] = []
        self.days: list[HeldGameDay] = []
        self.planned: list[Schedule] = []
        self.released: list[str] = []
        self.room = believable.headroom()
        self.lines: list[LogLine] = []
        self.searches: list[dict[str, str]] = []
        self.in_grafana: list[GrafanaDashboard] = []
        self.moments: list[Moment] = []

    def _check(self) -> None:
        if self.trouble is not None:
            raise self.trouble

    def state(self) -> State:
        self._check()
        return self.now

    def firing(self) -> list[Alert]:
        self._check()
        return self.alerts

    def dashboards(self) -> list[GrafanaDashboard]:
        self._check()
        return self.in_grafana

    def timeline(self, hours: float) -> Timeline:
        self._check()
        until = datetime.now(UTC)
        since = until - timedelta(hours=hours)
        found = [moment for moment in self.moments if moment.at >= since]
        return Timeline(since=since, until=until, moments=found, more=False, troubles=self.troubles)

    def active(self) -> ActiveAlerts:
        self._check()
        return ActiveAlerts(alerts=self.alerts, troubles=self.troubles)

    def delivered(self, limit: int) -> list[Alert]:
        self._check()
        return [*self.alerts, *self.ended][:limit]

    def acknowledge(self, fingerprint: str, request: AcknowledgeRequest) -> Acknowledgement:
        self._check()
        self.asked.append(request)
        alert = next(each for each in self.alerts if each.fingerprint == fingerprint)
        alert.acknowledged = believable.acknowledgement(request.reason)
        return alert.acknowledged

    def withdraw(self, fingerprint: str, reason: ReasonOnly) -> None:
        self._check()
        self.asked.append(reason)
        next(each for each in self.alerts if each.fingerprint == fingerprint).acknowledged = None

    def silences(self) -> list[Silence]:
        self._check()
        return self.held

    def silence(self, request: SilenceRequest) -> Silence:
        self._check()
        if self.refusal:
            raise RefusedError(self.refusal)
        self.asked.append(request)
        self.held.append(believable.silence())
        return self.held[-1]

    def end_silence(self, silence_id: str, reason: ReasonOnly) -> None:
        self._check()
        self.asked.append(reason)
        self.held = [each for each in self.held if each.id != silence_id]

    def runbook(self, alert: str) -> Runbook:
        self._check()
        try:
            return read_runbook(alert)
        except NotFoundError as error:
            raise RejectedError(str(error)) from None

    def actions(self, limit: int) -> list[Action]:
        self._check()
        return self.done[:limit]

    def preview(self, role: str, count: int) -> ScalePreview:
        self._check()
        current = self.now.desired[role]
        return ScalePreview(
            role=role,
            current=current,
            wanted=count,
            minimum=1,
            maximum=16,
            starts=[f"{role}-{slot}" for slot in range(current + 1, count + 1)],
            stops=[f"{role}-{slot}" for slot in range(count + 1, current + 1)],
            allowed=count != current,
            notes=[],
        )

    def scale(self, request: ScaleRequest) -> Action:
        self._check()
        if self.refusal:
            raise RefusedError(self.refusal)
        self.asked.append(request)
        self.done.insert(0, believable.action(request.role, request.count, request.reason))
        return self.done[0]

    def headroom(self, leaving: str) -> Headroom:  # noqa: ARG002
        self._check()
        return self.room

    def restart(self, request: RestartRequest) -> Action:
        return self._begun("restart", request.target, request)

    def drain(self, replica: str, request: AsideRequest) -> Action:
        return self._begun("drain", replica, request)

    def quarantine(self, replica: str, request: AsideRequest) -> None:
        self._begun("drain", replica, request)
        self.done.pop(0)

    def release(self, replica: str, reason: ReasonOnly) -> None:
        self._check()
        self.asked.append(reason)
        self.released.append(replica)

    def abort(self, action: str, reason: ReasonOnly) -> Action:
        self._check()
        self.asked.append(reason)
        found = next(each for each in self.done if each.id == action)
        found.state = "aborted"
        return found

    def resume(self, action: str, reason: ReasonOnly) -> Action:
        self._check()
        self.asked.append(reason)
        found = next(each for each in self.done if each.id == action)
        found.state = "running"
        return found

    def _begun(self, kind: Literal["restart", "drain"], target: str, request: BaseModel) -> Action:
        self._check()
        if self.refusal:
            raise RefusedError(self.refusal)
        self.asked.append(request)
        begun = believable.action(target, 2, "a test").model_copy(
            update={"kind": kind, "progress": f"{target}: under way"}
        )
        self.done.insert(0, begun)
        return begun

    def experiments(self) -> list[Experiment]:
        self._check()
        return self.catalogue

    def drills(self, limit: int) -> list[Drill]:
        self._check()
        return self.past[:limit]

    def drill(self, run: str) -> Drill:
        self._check()
        return next(drill for drill in self.past if drill.run == run)

    def guards(self, experiment: str, profile: GuardProfile) -> GuardAnswers:
        self._check()
        if self.unguarded is not None:
            raise self.unguarded
        return evidence.guards(experiment, profile, self.against)

    def faults(self) -> Inventory:
        self._check()
        return self.injected

    def schedules(self) -> list[Schedule]:
        self._check()
        return self.planned

    def ledger(self) -> list[LedgerRow]:
        self._check()
        return self.rules

    def game_days(self) -> list[HeldGameDay]:
        self._check()
        return self.days

    def start_drill(self, request: DrillRequest) -> Drill:
        self._check()
        self.asked.append(request)
        self.past.insert(0, believable.drill("20261122T120000-beef", lines=2))
        return self.past[0]

    def logs(self, limit: int, **how: str) -> LogLines:
        self._check()
        self.searches.append(how)
        return LogLines(lines=self.lines[:limit], more=len(self.lines) > limit)

    def log_histogram(self, **how: str) -> LogHistogram:  # noqa: ARG002
        self._check()
        bars = [LogBar(at=line.at, counts={line.level: 1}) for line in self.lines]
        now = datetime.now(UTC)
        return LogHistogram(width=15, since=now - timedelta(minutes=15), until=now, bars=bars)

    def way(self, request: str) -> LogLines:
        self._check()
        own = [line for line in self.lines if line.fields.get("http.request.id") == request]
        return LogLines(lines=own, more=False)

    def halt(self, reason: ReasonOnly) -> HaltThrown:
        self._check()
        self.asked.append(reason)
        self.now.halt = Halt(on=True, by="ada", reason=reason.reason, since=datetime.now(UTC))
        swept = Swept(reverted=["latency at api-1"], left=[], seconds=0.2)
        return HaltThrown(**self.now.halt.model_dump(), swept=swept)


def sources(control: FakeControl, prometheus: FakePrometheus) -> Sources:
    """Return what a page gets for somebody who is signed in."""
    control_service = "http://127.0.0.1:7402"
    return Sources(
        control,
        prometheus,
        believable.session(),
        f"{control_service}/sign-in",
        f"{control_service}/v1/reports",
    )
