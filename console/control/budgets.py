"""Asks Prometheus what is left of each objective's error budget, as a share of the whole window.

The recorded budget holds failures against what was asked for so far; a stack that is
an hour old has spent most of that by a slow minute. A budget is for a window, such as
30 days: here time without data counts as good, and as busy as the rest.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from alerts.document import BadDocumentError
from alerts.objectives.document import load_slos
from alerts.objectives.model import Slo
from alerts.objectives.recordings import STEP
from backend.observability.catalogue import BUDGET_LEFT, SLI_TOTAL
from console.control.errors import UnavailableError
from console.control.prometheus import Prometheus

TIMEOUT = 1.5
DAY = 86400


@dataclass(frozen=True, slots=True)
class Budget:
    """`left` of an objective's window is a share: 1 all, 0 nothing, less is debt."""

    slo: Slo
    left: float


class Budgets:
    """Asks the Prometheus at `url`."""

    def __init__(self, url: str) -> None:
        self._prometheus = Prometheus(url, TIMEOUT)

    def now(self) -> list[Budget]:
        """Return the budget of each objective; one without data has all of it.

        Raises:
            UnavailableError: Prometheus does not answer, or the objectives cannot be read.
        """
        figures = self._figures(question(self._slos))
        return [Budget(slo, left(slo, figures[slo.name])) for slo in self._slos]

    @cached_property
    def _slos(self) -> list[Slo]:
        try:
            return load_slos()
        except (OSError, BadDocumentError) as error:
            raise UnavailableError(f"The objectives cannot be read: {error}") from error

    def _figures(self, promql: str) -> dict[str, dict[str, float]]:
        samples = self._prometheus.ask(promql, "what is left of the error budgets")
        figures: dict[str, dict[str, float]] = defaultdict(dict)
        for sample in samples:
            figures[sample.metric["slo"]][sample.metric["figure"]] = sample.value[1]
        return figures

    def close(self) -> None:
        self._prometheus.close()


def question(slos: list[Slo]) -> str:
    """Return the query for all figures of one moment."""
    parts = [("left", BUDGET_LEFT.name)]
    for slo in slos:
        window = f'{SLI_TOTAL.name}{{slo="{slo.name}"}}[{slo.window}]'
        parts += [("samples", f"count_over_time({window})"), ("total", f"sum_over_time({window})")]
    return " or ".join(
        f'label_replace({promql}, "figure", "{figure}", "", "")' for figure, promql in parts
    )


def left(slo: Slo, figures: dict[str, float]) -> float:
    """Return what is left of the window's budget. Pure.

    Failures that are too few for an alert are too few to judge by: where little is asked
    for, one of them is more than a month allows.
    """
    if not {"left", "samples", "total"} <= figures.keys():
        return 1.0
    spent = 1 - figures["left"]
    failures = spent * float(slo.budget) * figures["total"] * STEP
    if failures < slo.fewest_bad:
        return 1.0
    window = int(slo.window.removesuffix("d")) * DAY
    return 1 - spent * min(figures["samples"] * STEP / window, 1)
