"""Alerts that are expected, with their whole way, and alerts that must stay silent."""

from datetime import timedelta

from chaos.errors import BlindError
from chaos.probes.prometheus import RuleAlert
from chaos.schemas import AlertWay, DeliveredAlert
from chaos.signals.expected import ANY_PAGE, ExpectedAlert, ExpectedSilence
from chaos.signals.sources import Sources
from chaos.signals.watch import BLIND_SECONDS, Now, Watch

Labels = frozenset[tuple[str, str]]
PAGE = "page"
# What the Prometheus with a written history marks its alerts with.
MARK = "drill"
STEPS = ("pending", "firing", "delivered", "resolved")
# Alertmanager's start of an alert is that of the rule's evaluation, which may lie on either side.
CLOCK_SLACK = timedelta(seconds=1)
# What stands for a rule that always fires began when that was last delivered, each 5 s.
UNHEARD_SLACK = timedelta(seconds=10)


class AlertWatch(Watch[ExpectedAlert]):
    """Pending, firing, delivered in time after the fault; resolved in time after its end."""

    kind = "alert"

    def __init__(self, expected: ExpectedAlert) -> None:
        super().__init__(expected)
        self._way = expected.way()
        self._fires = False
        self._control = ""

    @property
    def awaited(self) -> bool:
        return self.report is None and self._way.delivered is None

    @property
    def unresolved(self) -> bool:
        return self.report is None and self._way.delivered is not None

    def look(self, sources: Sources, now: Now) -> None:
        here = self._asked(now, lambda: sources.rule_alerts(self.expected.how))
        mine = None if here is None else [alert for alert in here if self._is_mine(alert)]
        if mine is not None:
            self._fires = any(alert.firing for alert in mine)
        if now.after_fault is None:
            if mine is not None:
                # One that is pending fires, or does not, whatever the drill does.
                self._before.append((now.monotonic, bool(mine)))
            return
        self._note_rule(mine or [], now.after_fault)
        self._note_delivery(sources, now)
        self._weigh(now, now.after_fault)

    def close(self, now: Now) -> None:
        way, name = self._way, self.expected.alert
        if way.delivered is not None:
            self._not_resolved(now)
        elif way.firing is not None and now.after_fault is not None:
            in_time = now.after_fault < self.expected.within
            unknown = in_time or bool(self._control)
            why = self._control or ("not waited for" if in_time else "held back, or lost")
            self._end(
                None if unknown else False,
                f"{name} fired after {way.firing:.0f} s and was not delivered: {why}",
            )
        else:
            self._unseen(name, self.expected.within, now)
            if self.report is not None:
                self.report = self.report.model_copy(update={"way": way})

    def _is_mine(self, alert: RuleAlert | DeliveredAlert) -> bool:
        wanted = self.expected
        return (
            alert.name == wanted.alert
            and wanted.severity in (None, alert.severity)
            and wanted.labels.items() <= alert.labels.items()
        )

    def _is_so(self, alert: DeliveredAlert) -> bool:
        """Return whether it came from where it is expected: nothing tipped is taken for live."""
        return (MARK in alert.labels) == (self.expected.how == "tipped")

    def _note_rule(self, mine: list[RuleAlert], seconds: float) -> None:
        if not mine:
            return
        self._step("pending", seconds, mine[0].severity)
        if self._fires:
            self._step("firing", seconds, mine[0].severity)

    def _note_delivery(self, sources: Sources, now: Now) -> None:
        if now.fault_at is None or now.after_fault is None:
            return
        by_rule = self.expected.rule == self.expected.alert
        since = now.fault_at - (CLOCK_SLACK if by_rule else UNHEARD_SLACK)
        self._control = ""
        delivered = self._delivered(sources)
        if delivered is None:
            return
        mine = [
            each
            for each in delivered
            if self._is_mine(each) and each.starts_at >= since and self._is_so(each)
        ]
        if not mine:
            return
        for step in ("pending", "firing", "delivered"):
            self._step(step, now.after_fault, mine[0].severity)
        ended = all(each.status == "resolved" for each in mine) and not self._fires
        if ended and now.after_end is not None:
            self._step("resolved", now.after_end, mine[0].severity)

    def _delivered(self, sources: Sources) -> list[DeliveredAlert] | None:
        """Ask the control service; its silence is told apart from Prometheus'."""
        try:
            return sources.delivered()
        except BlindError as error:
            self._control = str(error)
            return None

    def _step(self, step: str, seconds: float, severity: str) -> None:
        if getattr(self._way, step) is None:
            update = {step: round(seconds, 1), "severity": severity}
            self._way = self._way.model_copy(update=update)

    def _weigh(self, now: Now, seconds: float) -> None:
        way, wanted = self._way, self.expected
        nothing = self._proves_nothing(now)
        if nothing is not None and (way.firing is not None or way.delivered is not None):
            self._end(None, f"{wanted.alert} {nothing}")
        elif way.delivered is not None and way.delivered > wanted.within:
            words = f"{wanted.alert} was delivered only after {way.delivered:.0f} s"
            self._end(False, words)
        elif way.resolved is not None:
            self._resolved(way, way.resolved)
        elif self._is_late(now, seconds):
            self.close(now)

    def _is_late(self, now: Now, seconds: float) -> bool:
        if self._way.delivered is None:
            return seconds > self.expected.within
        return now.after_end is not None and now.after_end > self.expected.resolved_within

    def _resolved(self, way: AlertWay, after_end: float) -> None:
        late = after_end > self.expected.resolved_within
        words = (
            f"{way.alert} fired after {way.firing:.0f} s, was delivered after "
            f"{way.delivered:.0f} s, and resolved {after_end:.0f} s after the fault's end"
        )
        self._end(not late, f"{words}, too late" if late else words)

    def _not_resolved(self, now: Now) -> None:
        name, limit = self.expected.alert, self.expected.resolved_within
        if now.after_end is None or now.after_end < limit:
            self._end(None, f"{name} was delivered, and its end was not waited for")
        elif self._control:
            self._end(None, f"whether {name} resolved is not known: {self._control}")
        else:
            self._end(False, f"{name} did not resolve within {limit:g} s of the fault's end")

    def _end(self, met: bool | None, words: str) -> None:
        self._decide(met, words, self._way.firing, self._way)


class SilenceWatch(Watch[ExpectedSilence]):
    """No such alert begins to fire between the fault and the drill's end.

    One that is pending at the end is waited for, since it may be the fault's doing.
    """

    kind = "silent"

    def __init__(self, expected: ExpectedSilence, others: frozenset[str] = frozenset()) -> None:
        """`others` are the alerts that the experiment expects, which are no news."""
        super().__init__(expected)
        self._others = others
        self._known: set[Labels] = set()
        self._pending = ""

    @property
    def awaited(self) -> bool:
        return False

    @property
    def undecided(self) -> bool:
        return self.report is None and bool(self._pending)

    def look(self, sources: Sources, now: Now) -> None:
        alerts = self._asked(now, sources.rule_alerts)
        if alerts is None:
            return
        mine = {_labels(alert): alert for alert in alerts if self._is_mine(alert)}
        if now.after_fault is None:
            # What is pending before the fault fires, or does not, whatever the drill does.
            self._known |= mine.keys()
            return
        fresh = [alert for labels, alert in mine.items() if labels not in self._known]
        firing = [_named(alert) for alert in fresh if alert.firing]
        self._pending = next((_named(alert) for alert in fresh if not alert.firing), "")
        if firing:
            self._decide(False, f"{firing[0]} fired", now.after_fault)

    def close(self, now: Now) -> None:
        if now.after_fault is None:
            self._decide(None, "nothing was injected")
            return
        if self._blind_for(now) > BLIND_SECONDS:
            self._decide(None, f"whether it stayed silent is not known: {self._blind}")
        elif self._pending:
            self._decide(None, f"{self._pending} is pending still: whether it fires is not known")
        else:
            self._decide(True, self.expected.words)

    def _is_mine(self, alert: RuleAlert) -> bool:
        if not self.expected.labels.items() <= alert.labels.items():
            return False
        if self.expected.silent == ANY_PAGE:
            allowed = self._others.union(self.expected.but)
            return alert.severity == PAGE and alert.name not in allowed
        return alert.name == self.expected.silent


def _labels(alert: RuleAlert) -> Labels:
    return frozenset(alert.labels.items())


def _named(alert: RuleAlert) -> str:
    shown = ("component", "role", "instance", "queue", "slo")
    told = [f"{name}={alert.labels[name]}" for name in shown if name in alert.labels]
    return f"{alert.name} ({', '.join(told)})" if told else alert.name
