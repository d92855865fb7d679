"""What an experiment may expect: the shapes of `signals` in its `pharos` extension.

Times are seconds. `within` counts from the fault, `resolved_within` from its end.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag

from chaos.schemas import AlertWay

ANY_PAGE = "any page"
# What the control service says by itself, since no rule can: the rule that it proves.
STANDS_FOR = {"WatchdogSilent": "Watchdog"}
KINDS = ("metric", "log", "error", "alert", "silent")

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Seconds = Annotated[float, Field(gt=0, le=900)]
# An objective's alert may need long to fire, and half an hour that is clean again to resolve.
Long = Annotated[float, Field(gt=0, le=2100)]
Severity = Literal["page", "ticket"]
How = Literal["live", "tipped"]


class _Expected(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ExpectedMetric(_Expected):
    """A PromQL expression that holds (finds anything) within so long, and did not before.

    `means` says it in words, for whoever reads the verdict.
    """

    metric: Text
    within: Seconds
    means: Text | None = None

    @property
    def told(self) -> str:
        return self.means or " ".join(self.metric.split())

    @property
    def words(self) -> str:
        return f"{self.told} within {self.within:g} s"


class ExpectedLog(_Expected):
    """A search that finds a line written after the fault; see `deploy.logstore.query`."""

    log: Text
    within: Seconds
    component: str | None = None
    level: str | None = None

    @property
    def search(self) -> str:
        return self.log

    @property
    def told(self) -> str:
        where = f" of {self.component}" if self.component else ""
        return f"a log line{where} with {self.log}"

    @property
    def words(self) -> str:
        return f"{self.told} within {self.within:g} s"


class ExpectedError(_Expected):
    """An exception of this kind that a process of ours wrote down with where it came from.

    Where an error tracker is configured, its line carries the event's id.
    """

    error: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]\w*$")]
    within: Seconds
    component: str | None = None
    level: Literal["error"] = "error"

    @property
    def search(self) -> str:
        return f'error.type:"{self.error}"'

    @property
    def told(self) -> str:
        where = f" in {self.component}" if self.component else ""
        return f"an unhandled {self.error}{where}"

    @property
    def words(self) -> str:
        return f"{self.told} within {self.within:g} s"


class ExpectedAlert(_Expected):
    """An alert that fires and is delivered within so long, and resolves after the fault.

    `labels` must hold of it. `how`: at real speed (`live`), or over a history
    that was written in beforehand (`tipped`).
    """

    alert: Text
    within: Long
    resolved_within: Long
    severity: Severity | None = None
    labels: dict[str, str] = {}
    how: How = "live"

    @property
    def words(self) -> str:
        return (
            f"{self.alert}{_labelled(self.labels)} fires and is delivered within "
            f"{self.within:g} s, and resolves within {self.resolved_within:g} s of the fault's end"
        )

    @property
    def rule(self) -> str:
        """Return the rule that it speaks of, where that is not the alert itself."""
        return STANDS_FOR.get(self.alert, self.alert)

    def way(self) -> AlertWay:
        return AlertWay(alert=self.alert, severity=self.severity, how=self.how)


class ExpectedSilence(_Expected):
    """An alert that must not fire, or `any page`: none but those that are expected.

    `but` names alerts of which nothing is said: they fire where the fault lasts long enough.
    """

    silent: Text
    labels: dict[str, str] = {}
    but: tuple[Text, ...] = ()

    @property
    def words(self) -> str:
        if self.silent == ANY_PAGE:
            aside = f", {' and '.join(self.but)} aside" if self.but else ""
            return f"nobody is paged for anything else{aside}"
        return f"{self.silent}{_labelled(self.labels)} stays silent"


def _labelled(labels: dict[str, str]) -> str:
    inside = ", ".join(f"{name}={value}" for name, value in sorted(labels.items()))
    return f" ({inside})" if inside else ""


def _kind(signal: Any) -> str | None:
    """Return the tag of a signal's kind: the first of the known keys that it has."""
    has = signal.keys() if isinstance(signal, dict) else vars(signal)
    return next((f"a {kind}" for kind in KINDS if kind in has), None)


Expected = ExpectedMetric | ExpectedLog | ExpectedError | ExpectedAlert | ExpectedSilence
AnyExpected = Annotated[
    Annotated[ExpectedMetric, Tag("a metric")]
    | Annotated[ExpectedLog, Tag("a log")]
    | Annotated[ExpectedError, Tag("a error")]
    | Annotated[ExpectedAlert, Tag("a alert")]
    | Annotated[ExpectedSilence, Tag("a silent")],
    Discriminator(_kind),
]
