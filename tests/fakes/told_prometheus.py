"""A Prometheus over HTTP that tells the control service's guards what a test says.

Quiet from the start: no alert, no data for the objectives. With `away` it answers as
one that has not come up.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from backend.observability.catalogue import BUDGET_LEFT
from tests.fakes.serving import Quiet, serving


@dataclass
class ToldPrometheus:
    """`budgets` has for an objective's name its figures: left, samples, total."""

    alerts: list[dict[str, Any]] = field(default_factory=list)
    budgets: dict[str, dict[str, float]] = field(default_factory=dict)
    away: bool = False

    def calm_down(self) -> None:
        """Tell of a quiet stack again."""
        self.alerts, self.budgets, self.away = [], {}, False

    def fire(self, name: str, severity: str, state: str = "firing") -> None:
        labels = {"alertname": name, "severity": severity}
        self.alerts.append(
            {"labels": labels, "state": state, "activeAt": "2026-11-22T18:00:00Z", "value": "1e+00"}
        )

    def data(self, query: str | None) -> dict[str, Any]:
        if query is None:
            return {"alerts": self.alerts}
        if BUDGET_LEFT.name not in query:
            return {"result": []}
        figures = self._budget_figures()
        return {"result": [{"metric": metric, "value": [0, str(n)]} for metric, n in figures]}

    def _budget_figures(self) -> Iterator[tuple[dict[str, str], float]]:
        for slo, figures in self.budgets.items():
            for figure, value in figures.items():
                yield {"slo": slo, "figure": figure}, value

    @contextmanager
    def serving(self, port: int) -> Iterator[None]:
        """Answer on a port of 127.0.0.1 within the block."""
        told = self

        class Answer(Quiet):
            def do_GET(self) -> None:
                asked = parse_qs(urlsplit(self.path).query).get("query")
                data = told.data(asked[0] if asked else None)
                self.answer({"data": data}, 503 if told.away else 200)

        with serving(Answer, port):
            yield
