"""A history for the slow burn-rate alerts: days that almost fire them, so that a fault tips them.

Their windows are a day and longer, and no drill lasts so long. A second
Prometheus with the same rules begins with this history instead of the stack's
own, and goes on with what it scrapes itself. In parts of what an alert allows
over its first pair of windows, a day and two hours:

    near   the last two hours are just below it: a small real fault makes them burn
    body   with the rest of the day, the day would be just below it as well,
    edge   but for some minutes of a day ago, which leave the window while the drill looks on

So the alert begins with a fault and ends by its own window, both within half an
hour. The two days before had more traffic and no failure: three days do not burn.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alerts.objectives.burning import SLOW, limit
from alerts.objectives.model import Delay, Slo
from alerts.objectives.recordings import STEP
from backend.observability.catalogue import SLI_BAD, SLI_IN_TIME, SLI_SETTLED, SLI_TOTAL
from deploy.home import Home
from deploy.prometheus.configuration import RULES, prometheus_configuration

MARK = "history"
JOBS = frozenset({"api", "worker", "control", "gateway"})
MINUTE, HOUR = 60, 3600
DAY = 24 * HOUR
NEAR_PART, DAY_PART, EDGE_PART = 0.95, 0.95, 0.08
NEAR = range(40 * MINUTE, 100 * MINUTE)
BODY = range(3 * HOUR, 20 * HOUR)
# These leave the window within 20 to 24 minutes: the alert has fired by then.
EDGE = range(DAY - 24 * MINUTE, DAY - 20 * MINUTE)
# Before the last day samples are rarer, so each counts for as many more.
OLD_STEP, OLD_TRAFFIC = 20 * STEP, 4
OLDEST = 3 * DAY
# What nobody asks for now is not asked for in the last two hours either, but for `near`.
QUIET_RATE = 0.5


@dataclass(frozen=True, slots=True)
class Share:
    """What part of the requests, events or actions was bad, by when that was."""

    near: float
    body: float
    edge: float

    def at(self, age: int) -> float:
        parts = ((NEAR, self.near), (BODY, self.body), (EDGE, self.edge))
        return next((share for span, share in parts if age in span), 0.0)


def history(slos: Sequence[Slo], rates: Mapping[str, float], now: int) -> Iterator[str]:
    """Yield it as OpenMetrics text, line by line, until `now` (Unix seconds).

    `rates` tells how much there is a second now, by objective: then the history
    has as much, so that what leaves a window is replaced by what comes.
    """
    for slo in slos:
        for series, values in _series(slo, rates.get(slo.name, 0.0)):
            label = f'{{slo="{slo.name}"}}'
            yield from (f"{series}{label} {value:.9g} {now - age}\n" for age, value in values)
    yield "# EOF\n"


def history_configuration(home: Home) -> dict[str, Any]:
    """Return prometheus.yml of the second Prometheus.

    It reads what the objectives are counted from, and sends the slow alerts
    alone, marked: they are a drill's, and nobody is called.
    """
    whole = prometheus_configuration(home)
    marking = [
        {"source_labels": ["alertname"], "regex": f".+{SLOW.name}", "action": "keep"},
        {"target_label": "drill", "replacement": MARK},
    ]
    return whole | {
        "rule_files": [str(RULES.with_name("slo-*.yaml"))],
        "alerting": whole["alerting"] | {"alert_relabel_configs": marking},
        "scrape_configs": [job for job in whole["scrape_configs"] if job["job_name"] in JOBS],
    }


Values = Iterable[tuple[int, float]]


def _series(slo: Slo, rate: float) -> Iterator[tuple[str, Values]]:
    """Yield each recorded series of an objective with its samples: (seconds ago, value)."""
    traffic = list(_traffic(rate))
    share = _share(slo, traffic)
    yield SLI_TOTAL.name, traffic
    if isinstance(slo.indicator, Delay):
        yield SLI_SETTLED.name, traffic
        yield SLI_IN_TIME.name, [(age, total * (1 - share.at(age))) for age, total in traffic]
    else:
        yield SLI_BAD.name, [(age, total * share.at(age)) for age, total in traffic]


def _traffic(rate: float) -> Iterator[tuple[int, float]]:
    """Yield what there was a second, the oldest first."""
    quiet = rate < QUIET_RATE
    level = QUIET_RATE if quiet else rate
    for age in range(OLDEST, DAY, -OLD_STEP):
        yield age, level * OLD_TRAFFIC * OLD_STEP / STEP
    for age in range(DAY, 0, -STEP):
        yield age, 0.0 if quiet and age <= 2 * HOUR and age not in NEAR else level


def _share(slo: Slo, traffic: Sequence[tuple[int, float]]) -> Share:
    """Return how much must be bad, for the parts that the text above speaks of."""
    most = float(limit(slo, SLOW.pairs[0]))
    day = most * _sum(traffic, range(1, DAY + 1))
    near = NEAR_PART * most * _sum(traffic, range(1, 2 * HOUR + 1))
    return Share(
        near=near / _sum(traffic, NEAR),
        body=(DAY_PART * day - near) / _sum(traffic, BODY),
        edge=EDGE_PART * day / _sum(traffic, EDGE),
    )


def _sum(traffic: Iterable[tuple[int, float]], ages: range) -> float:
    return sum(total for age, total in traffic if age in ages)
