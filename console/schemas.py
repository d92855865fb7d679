"""The shapes of the control service's API, shared by the service and its clients."""

from datetime import datetime
from typing import Any, Literal, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from console.headroom_schemas import Headroom
from console.reason_schemas import Reason
from console.verdict_schemas import DrillVerdict
from deploy.driver import StackStatus
from deploy.faults.sweep import Swept

Environment = Literal["local", "staging", "production"]
ActionState = Literal["running", "done", "failed", "interrupted", "aborted"]
DrillState = Literal["running", "ended", "interrupted"]
Outcome = Literal["accepted", "done", "refused", "failed"]
# Which guards a drill has to pass: a game day leaves out what it disturbs itself.
GuardProfile = Literal["standard", "game-day"]
# Each may do all that those before it may.
Role = Literal["viewer", "operator", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)


def at_least(held: Role | None, needed: Role) -> bool:
    """Tell whether who holds a role may do what `needed` may."""
    return held is not None and ROLES.index(held) >= ROLES.index(needed)


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Halt(BaseModel):
    """The halt switch, and who threw it; a rehearsal's gives way to any other halt."""

    on: bool
    by: str | None = None
    reason: str | None = None
    since: datetime | None = None
    rehearsal: bool = False


class HaltThrown(Halt):
    """The answer to a halt: the switch, and what became of every fault."""

    swept: Swept


class State(BaseModel):
    """What every page shows; `role` is that of who asks."""

    environment: Environment
    role: Role | None
    stack: StackStatus | None = Field(description="null while the node agent cannot be reached")
    stack_error: str | None = None
    desired: dict[str, int]
    halt: Halt
    drills_running: list[str]
    extras: list[str] = Field(default_factory=list, description="that the stack was started with")


class GrafanaDashboard(BaseModel):
    """A dashboard of ours that the configured Grafana has."""

    uid: str
    title: str
    url: str


class ScalePreviewRequest(Request):
    role: str
    count: int


class ScaleRequest(Request):
    """`anyway` takes replicas away although the others would not carry the present load."""

    role: str
    count: int
    reason: Reason
    anyway: bool = False


class ScalePreview(BaseModel):
    """What a scaling would do, before it is asked for.

    `headroom` tells what each replica would carry; null where nothing changes, or the
    role answers no requests.
    """

    role: str
    current: int
    wanted: int
    minimum: int
    maximum: int
    starts: list[str]
    stops: list[str]
    allowed: bool
    anyway: bool = Field(default=False, description="refused unless the request says `anyway`")
    headroom: Headroom | None = None
    notes: list[str]


class Action(BaseModel):
    """A change under way, or how it ended.

    `ready` of `wanted`: replicas that are ready of a scaling, restarted of a restart, idle of
    a drain. One that the service itself did not outlive is `interrupted`.
    """

    id: str
    kind: Literal["scale", "restart", "drain"]
    target: str
    state: ActionState
    progress: str
    ready: int
    wanted: int
    actor: str
    reason: str
    started_at: datetime
    ended_at: datetime | None = None


class Hit(BaseModel):
    """What a fault of an experiment aims at: one replica of a role, or a component.

    With `each` it is every replica of the role. `takes_away`: what is hit serves
    nothing meanwhile. `allow_last`: the experiment asks that the last one be hit, too.
    """

    target: str
    each: bool = False
    takes_away: bool = False
    allow_last: bool = False


class Experiment(BaseModel):
    """A drill that may be run, in plain words."""

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


class DrillRequest(Request):
    """`profile` game-day takes the right admin."""

    experiment: str
    reason: Reason
    profile: GuardProfile = "standard"


class JournalEntry(BaseModel):
    """One line of a drill's journal; fields beside these depend on `kind`."""

    model_config = ConfigDict(extra="allow")

    at: AwareDatetime
    kind: str
    message: str


class Drill(BaseModel):
    """A run: who asked for it, why, how far it is, and its verdict once it has one."""

    run: str
    experiment: str
    actor: str
    reason: str
    profile: GuardProfile = "standard"
    state: DrillState
    started_at: datetime
    ended_at: datetime | None = None
    verdict: DrillVerdict | None = None
    journal: list[JournalEntry] = Field(default_factory=list)


class ReasonOnly(Request):
    reason: Reason


class HaltRequest(ReasonOnly):
    """With `rehearsal` the halt is one of `pharos chaos rehearse-halt`."""

    rehearsal: bool = False


class RearmRequest(ReasonOnly):
    """With `since`, only the halt that was thrown at that moment is taken back."""

    since: AwareDatetime | None = None


class AuditEntry(BaseModel):
    """Who did what, why, when, and how it ended; refusals too.

    A change that takes time has two entries: one when it was accepted, one when
    it ended. `ref`, the action's or drill's id, holds them together. `before` and
    `after` are the target's state, where it changes. `hash` is the entry's place in
    the chain that `pharos audit verify` checks.
    """

    id: int
    at: datetime
    actor: str
    action: str
    target: str
    reason: str
    outcome: Outcome
    detail: str
    ref: str | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    previous: str
    hash: str


class Acknowledgement(BaseModel):
    """Somebody has seen an alert and says so to everybody, until then."""

    actor: str
    reason: str
    at: datetime
    until: datetime


class Alert(BaseModel):
    """An alert as Alertmanager last delivered it, or as Prometheus tells of it now.

    The three places are as the rule has them: a URL, a path on the console or on
    Grafana, or a path in the project; null where the rule names none. `value` is
    the rule's expression now, null where Prometheus does not say. `drill` is the
    run during which it began. What is pending was not delivered (`received_at` null).
    """

    fingerprint: str
    name: str
    severity: str
    status: Literal["pending", "firing", "resolved"]
    summary: str
    description: str = ""
    runbook_url: str | None = None
    console_url: str | None = None
    dashboard_url: str | None = None
    labels: dict[str, str]
    annotations: dict[str, str] = Field(default_factory=dict)
    drill: str | None = None
    value: float | None = None
    silenced_by: list[str] = Field(default_factory=list, description="ids of silences")
    inhibited: bool = False
    acknowledged: Acknowledgement | None = None
    starts_at: datetime
    ends_at: datetime | None = None
    received_at: datetime | None = None


class LogLine(BaseModel):
    """One log line; `fields` is all of it."""

    at: datetime
    level: str
    component: str
    message: str
    fields: dict[str, Any]


class LogLines(BaseModel):
    """What a search found; `more` when the limit cut some off."""

    lines: list[LogLine]
    more: bool


class LogBar(BaseModel):
    """How many lines of each level one stretch of time has."""

    at: datetime
    counts: dict[str, int]


class LogHistogram(BaseModel):
    """Bars that have lines, oldest first, each `width` seconds long, within the search's time."""

    width: int
    since: datetime
    until: datetime
    bars: list[LogBar]
