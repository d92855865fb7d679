"""Sources of signals that a test sets by hand: nothing fires, holds or is written until then."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from alerts.rulebook import Rule, load_rules
from chaos.errors import BlindError
from chaos.probes.prometheus import LoadedRule, RuleAlert
from chaos.schemas import DeliveredAlert
from chaos.signals.expected import ExpectedError, ExpectedLog, How
from deploy.logstore import Line

LABELS = {"alertname": "ReplicaDown", "severity": "page", "role": "api"}


def told_by_prometheus(rule: Rule) -> LoadedRule:
    """Return a written rule as Prometheus tells of it."""
    seconds = int(rule.for_[:-1]) * {"s": 1, "m": 60, "h": 3600}[rule.for_[-1]]
    labels = rule.labels.model_dump(mode="json", exclude_none=True)
    return LoadedRule(rule.alert, rule.expr, seconds, labels, rule.annotations.model_dump())


@dataclass
class FakeSources:
    """`blind` names what cannot be asked: prometheus, control or log."""

    holding: set[str] = field(default_factory=set)
    alerts: list[RuleAlert] = field(default_factory=list)
    tipped: list[RuleAlert] = field(default_factory=list)
    deliveries: list[DeliveredAlert] = field(default_factory=list)
    loaded: list[Rule] = field(default_factory=load_rules)
    written: list[Line] = field(default_factory=list)
    blind: set[str] = field(default_factory=set)

    def holds(self, promql: str) -> bool:
        self._reach("prometheus")
        return promql in self.holding

    def rule_alerts(self, how: How = "live") -> list[RuleAlert]:
        self._reach("prometheus")
        return list(self.alerts if how == "live" else self.tipped)

    def rules(self) -> list[LoadedRule]:
        self._reach("prometheus")
        return [told_by_prometheus(rule) for rule in self.loaded]

    def delivered(self) -> list[DeliveredAlert]:
        self._reach("control")
        return list(self.deliveries)

    def lines(
        self, wanted: ExpectedLog | ExpectedError, since: datetime, until: datetime
    ) -> list[Line]:
        self._reach("log")
        inside = [line for line in self.written if since <= line.at <= until]
        return [line for line in inside if wanted.search in line.message][:1]

    def pend(self, **labels: str) -> None:
        self.alerts = [RuleAlert(LABELS | labels, firing=False, since=datetime.now(UTC))]

    def fire(self, **labels: str) -> None:
        self.alerts = [RuleAlert(LABELS | labels, firing=True, since=datetime.now(UTC))]

    def deliver(self, at: datetime | None = None, **labels: str) -> None:
        mine = LABELS | labels
        self.deliveries = [
            DeliveredAlert(
                fingerprint="f1",
                name=mine["alertname"],
                severity=mine["severity"],
                status="firing",
                labels=mine,
                starts_at=at or datetime.now(UTC),
            )
        ]

    def resolve(self) -> None:
        self.alerts = []
        self.deliveries = [
            each.model_copy(update={"status": "resolved"}) for each in self.deliveries
        ]

    def write(self, message: str, after: timedelta = timedelta(0), **fields: str) -> None:
        at = datetime.now(UTC) + after
        self.written.append(Line(at, "error", "api-1", message, {"message": message, **fields}))

    def _reach(self, source: str) -> None:
        if source in self.blind:
            raise BlindError(f"{source} does not answer")
