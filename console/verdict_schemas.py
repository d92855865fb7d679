"""The shapes of a drill's verdict, as its runner writes them."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

Verdict = Literal["passed", "failed", "inconclusive"]


class Impact(BaseModel):
    """What the users felt between the fault and the recovery."""

    requests: float | None = None
    failed: float | None = None
    error_ratio: float | None = None
    p99_before_seconds: float | None = None
    p99_during_seconds: float | None = None


class Undo(BaseModel):
    """What read-back found after the drill; `residue` names what is left."""

    clean: bool
    residue: list[str]


class AlertWay(BaseModel):
    """An expected alert's way. Seconds after the fault; `resolved` after the fault's end."""

    alert: str
    severity: str | None = None
    pending: float | None = None
    firing: float | None = None
    delivered: float | None = None
    resolved: float | None = None
    how: Literal["live", "tipped"] = "live"


class SignalReport(BaseModel):
    """What became of an expected signal; `met` is null where it could not be observed."""

    kind: Literal["metric", "log", "error", "alert", "silent"]
    expected: str
    met: bool | None
    seconds: float | None = None
    words: str
    way: AlertWay | None = None


class DrillVerdict(BaseModel):
    """`verdict.json`: computed by us, never the engine's status."""

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
