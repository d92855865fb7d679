"""Where expected signals are looked for: Prometheus, the log store, the control service.

Alerts are learnt from two places: Prometheus tells which are pending or fire,
the control service which were delivered and resolved. What cannot be asked
raises, and is never taken for silence.
"""

from datetime import datetime, timedelta
from typing import Protocol

from chaos.client import ControlClient, ControlError
from chaos.errors import BlindError
from chaos.probes.prometheus import LoadedRule, Prometheus, RuleAlert
from chaos.schemas import DeliveredAlert
from chaos.signals.expected import ExpectedError, ExpectedLog, How
from deploy.access import NoAccessError, control_access
from deploy.home import Home
from deploy.logstore import Line, LogStore, LogStoreError, make_search, open_store

MOST = 200


class Sources(Protocol):
    """Every method raises BlindError when it cannot tell."""

    def holds(self, promql: str) -> bool:
        """Return whether the expression finds anything now."""

    def rule_alerts(self, how: How = "live") -> list[RuleAlert]:
        """Return what is pending or fires now; where history was written in, of `tipped`."""

    def rules(self) -> list[LoadedRule]:
        """Return the alert rules that Prometheus has loaded."""

    def delivered(self) -> list[DeliveredAlert]:
        """Return the alerts that began last, as they were last delivered."""

    def lines(
        self, wanted: ExpectedLog | ExpectedError, since: datetime, until: datetime
    ) -> list[Line]:
        """Return the oldest line of that stretch that the search finds, if there is one."""


class StackSources:
    """The sources of a stack; the control service and the log store are opened when first asked."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._prometheus = Prometheus(f"http://127.0.0.1:{home.ports['prometheus']}")
        self._history = Prometheus(f"http://127.0.0.1:{home.ports['history']}")
        self._control: ControlClient | None = None
        self._store: LogStore | None = None

    def holds(self, promql: str) -> bool:
        return bool(self._prometheus.query(promql))

    def rule_alerts(self, how: How = "live") -> list[RuleAlert]:
        return (self._history if how == "tipped" else self._prometheus).alerts()

    def rules(self) -> list[LoadedRule]:
        return self._prometheus.rules()

    def delivered(self) -> list[DeliveredAlert]:
        try:
            if self._control is None:
                self._control = ControlClient(control_access(self._home))
            return self._control.alerts(MOST)
        except (NoAccessError, ControlError) as error:
            raise BlindError(f"what was delivered is not known: {error}") from error

    def lines(
        self, wanted: ExpectedLog | ExpectedError, since: datetime, until: datetime
    ) -> list[Line]:
        try:
            if self._store is None:
                self._store = open_store(self._home)
            search = make_search(
                wanted.search,
                now=until,
                since=since.isoformat(),
                until=(until + timedelta(milliseconds=1)).isoformat(),
                component=wanted.component,
                level=wanted.level,
                limit=1,
                order="oldest",
            )
            return self._store.search(search).lines
        except LogStoreError as error:
            raise BlindError(f"the log cannot be searched: {error}") from error
