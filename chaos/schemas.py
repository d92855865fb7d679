"""What this room writes and reads: experiments, journals, verdicts.

The control service has models of its own of the same shapes, since the two
rooms never import each other; a contract test holds them together.
"""

from enum import StrEnum
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from deploy.faults.sweep import Swept

# Which guards a drill has to pass: a game day leaves out what it disturbs itself.
GuardProfile = Literal["standard", "game-day"]
FEWEST = 20  # below this many requests a ratio or a quantile says nothing


def in_words(requests: float) -> str:
    return "1 request" if round(requests) == 1 else f"{requests:,.0f} requests"


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"


class Kind(StrEnum):
    """What a line of the journal tells of, in the order in which a drill goes."""

    RUN_STARTED = "run.started"
    REFUSED = "refused"
    STEADY_BEFORE = "steady.before"
    FAULT_INJECTING = "fault.injecting"
    FAULT_INJECTED = "fault.injected"
    FAULT_REVERTED = "fault.reverted"
    RECOVERING = "recovering"
    RECOVERED = "recovered"
    IMPACT = "impact"
    ACTIVITY_FAILED = "activity.failed"
    ABORTED = "aborted"
    STEADY_AFTER = "steady.after"
    UNDO = "undo"
    SIGNAL_SEEN = "signal.seen"
    SIGNAL_MISSING = "signal.missing"
    SIGNAL_UNWANTED = "signal.unwanted"
    UNPROVEN = "unproven"
    RUN_ENDED = "run.ended"


class GameDayKind(StrEnum):
    """What a line of a game day's journal tells of."""

    STARTED = "game-day.started"
    CALM = "calm"
    NOT_CALM = "not-calm"
    DRILL_STARTED = "drill.started"
    DRILL_ENDED = "drill.ended"
    NOT_STARTED = "drill.not-started"
    TRAFFIC_ENDED = "traffic.ended"
    ENDED = "game-day.ended"
    UNAUDITED = "unaudited"


class Hit(BaseModel):
    """What a fault of an experiment aims at: one replica of a role, or a component.

    With `each` it is every replica of the role. `takes_away`: what is hit serves
    nothing meanwhile. `allow_last`: the experiment asks that the last one be hit, too.
    """

    model_config = ConfigDict(frozen=True)

    target: str
    each: bool = False
    takes_away: bool = False
    allow_last: bool = False


class Experiment(BaseModel):
    """A drill that may be run, in plain words."""

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    description: str
    hypothesis: list[str]
    action: list[str]
    blast_radius: str
    rollback: str
    abort: str = Field(default="", description="what ends it early")
    signals: list[str] = Field(default_factory=list, description="expected, or to stay silent")
    proves: list[str] = Field(default_factory=list, description="alert rules that must fire")
    tags: list[str] = Field(default_factory=list)
    needs: list[str] = Field(default_factory=list, description="extras of the stack: up --with …")
    hits: list[Hit] = Field(default_factory=list)


class Tolerance(BaseModel):
    """How much of an impact an experiment allows: a ratio of 0 to 1, and seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    error_ratio: float = Field(ge=0, le=1)
    p99_seconds: float = Field(gt=0)


class AbortWhen(BaseModel):
    """When a drill does too much harm: this ratio of failed requests for so long."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    error_ratio: float = Field(gt=0, le=1)
    over_seconds: float = Field(ge=4)  # two scrapes at least, or there is nothing to subtract


class JournalEntry(BaseModel):
    """One line of a drill's journal; fields beside these depend on `kind`."""

    model_config = ConfigDict(extra="allow", frozen=True)

    at: AwareDatetime
    kind: str
    message: str

    @property
    def fields(self) -> dict[str, Any]:
        """Return what the line says beside its time, kind and message."""
        return dict(self.model_extra or {})


class Impact(BaseModel):
    """What the users felt between the fault and the recovery.

    Counts are requests at the gateway. Without traffic `requests` is 0 and the
    ratio is null: nobody was there to feel anything.
    """

    model_config = ConfigDict(frozen=True)

    requests: float | None = None
    failed: float | None = None
    error_ratio: float | None = None
    p99_before_seconds: float | None = None
    p99_during_seconds: float | None = None


class Undo(BaseModel):
    """What read-back found after the drill; `residue` names what is left."""

    model_config = ConfigDict(frozen=True)

    clean: bool
    residue: list[str]


class AlertWay(BaseModel):
    """An expected alert's way. Seconds after the fault; `resolved` after the fault's end."""

    model_config = ConfigDict(frozen=True)

    alert: str
    severity: str | None = None
    pending: float | None = None
    firing: float | None = None
    delivered: float | None = None
    resolved: float | None = None
    how: Literal["live", "tipped"] = "live"


class SignalReport(BaseModel):
    """What became of an expected signal; `met` is null where it could not be observed.

    `seconds` after the fault it was seen. `way` is an alert's that was expected.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["metric", "log", "error", "alert", "silent"]
    expected: str
    met: bool | None
    seconds: float | None = None
    words: str
    way: AlertWay | None = None


class DrillVerdict(BaseModel):
    """`verdict.json`: computed by `chaos.verdict`, never the engine's status."""

    model_config = ConfigDict(frozen=True)

    run: str
    experiment: str
    verdict: Verdict
    reason: str
    steady_before: bool | None
    steady_after: bool | None
    impact: Impact
    recovery_seconds: float | None
    undo: Undo | None
    signals: list[SignalReport] = Field(default_factory=list)
    target: str | None = None
    pid_before: int | None = None
    pid_after: int | None = None
    started_at: AwareDatetime
    fault_at: AwareDatetime | None = None
    fault_ended_at: AwareDatetime | None = None
    recovered_at: AwareDatetime | None = None
    ended_at: AwareDatetime


class Drill(BaseModel):
    """A run as the control service shows it."""

    run: str
    experiment: str
    actor: str
    reason: str
    profile: GuardProfile = "standard"
    state: str
    started_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    verdict: DrillVerdict | None = None
    journal: list[JournalEntry] = Field(default_factory=list)


class Turn(BaseModel):
    """A schedule's turn; `experiment` is null where nothing may be chosen any more."""

    schedule: str
    at: AwareDatetime
    experiment: str | None


class Schedule(BaseModel):
    """The part of a schedule that the command line shows."""

    name: str
    reason: str
    eligible: list[str]
    targets: list[str]
    weekdays: list[str]
    hours: str
    timezone: str
    seed: str | None
    mean_per_week: float | None
    created_by: str
    next: Turn | None


class Halt(BaseModel):
    """The halt switch, and who threw it; a rehearsal's gives way to any other halt."""

    on: bool
    by: str | None = None
    reason: str | None = None
    since: AwareDatetime | None = None
    rehearsal: bool = False


class HaltThrown(Halt):
    """The control service's answer to a halt: the switch, and what became of every fault."""

    swept: Swept


class Halted(BaseModel):
    """`pharos chaos halt --json`: the switch, the faults, and the verdict of each drill ended.

    A drill that was interrupted, and so left no verdict, has null; so has one that has not ended.
    """

    halt: Halt
    swept: Swept
    drills: dict[str, DrillVerdict | None]


class DeliveredAlert(BaseModel):
    """The part of an alert, as it was delivered to the control service, that a drill asks for."""

    fingerprint: str
    name: str
    severity: str
    status: Literal["pending", "firing", "resolved"]
    labels: dict[str, str]
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = None


class State(BaseModel):
    """The part of the control service's state that this room asks for."""

    environment: str
    role: str | None
    halt: Halt
    drills_running: list[str]
