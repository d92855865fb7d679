"""The recording rules: what is counted, its error ratios over the windows, the budget left.

Raw counters are read over one minute only; every longer window adds up those
rates. As all samples are equally far apart, a sum of rates is a count of events,
and a ratio of two sums is weighted by traffic: an hour without requests weighs
nothing, and a minute when Prometheus itself was away is unknown, not perfect.
It also keeps thirty days cheap: a few series are read, not every replica's.

An objective on delay is counted from two processes: what entered, and what
arrived. Its failures are, over a window,

    late    what arrived too late, or was given up: counted by the consumer alone
    stuck   what entered, long enough ago to have arrived, less all that arrived

so a stalled pipeline burns, and a backlog that drains moves from stuck to late
and is never counted twice. The rules say the same by what is good, of which
there is one sum less: good / (settled + stuck). That nobody is called for nothing:

- `entered` is read as of the threshold and two scrapes ago: what is under way is
  not stuck. What arrived is added up over a somewhat longer window, which by the
  same length is more than what entered can have brought: when traffic stops or
  begins, its edge counts as too few failures, never as too many.
- A counter that starts anew loses what it counted since its last scrape. At the
  entrance that hides failures; at the exit (a killed worker) the longer window
  holds back more than a restart loses.
- A replica that is added or taken away changes neither: rates are added up, each
  from its own counter's growth.
"""

from collections.abc import Iterator
from math import ceil

from alerts.objectives.model import Delay, Slo
from alerts.objectives.selecting import OR_NONE, SCRAPES_APART, bound, good_and_bad, of, rate
from alerts.rulebook import Group, Recording
from backend.observability.catalogue import (
    BAD_COUNTS,
    BUDGET_LEFT,
    ERROR_RATIOS,
    SLI_BAD,
    SLI_IN_TIME,
    SLI_SETTLED,
    SLI_TOTAL,
    Recorded,
)

# Seconds between two samples of what is counted.
STEP = 15
# Windows that a page waits for are computed as often; the longer ones change slowly.
QUICK = ("5m", "30m", "1h")


def recording_groups(slos: list[Slo]) -> dict[str, list[Group]]:
    """Return the groups by file; each file reads what the one before it records."""
    delays = [_grace(slo.indicator) for slo in slos if isinstance(slo.indicator, Delay)]
    grace = max(delays, default=0)
    slow = tuple(window for window in ERROR_RATIOS if window not in QUICK)
    counted = [rule for slo in slos for rule in _counted(slo)]
    budgets = [_budget(slo, grace) for slo in slos]
    return {
        "slo-counts.yaml": [Group(name="slo-counts", interval=f"{STEP}s", rules=counted)],
        "slo-ratios.yaml": [
            Group(name="slo-quick-ratios", interval=f"{STEP}s", rules=_ratios(QUICK, grace)),
            Group(name="slo-slow-ratios", interval="1m", rules=_ratios(slow, grace)),
        ],
        "slo-budgets.yaml": [Group(name="slo-budgets", interval="2m", rules=budgets)],
    }


def _grace(indicator: Delay) -> int:
    """Return by how many seconds the window of what arrived is longer.

    As long as `entered` is read in arrears, in whole steps, and one step more
    for where the samples fall.
    """
    return (ceil((indicator.seconds + SCRAPES_APART) / STEP) + 1) * STEP


def _counted(slo: Slo) -> Iterator[Recording]:
    indicator = slo.indicator
    if not isinstance(indicator, Delay):
        total, bad = good_and_bad(indicator)
        yield _record(SLI_TOTAL, total, slo)
        yield _record(SLI_BAD, bad, slo)
        return
    arrears = f"{indicator.seconds + SCRAPES_APART:g}s"
    yield _record(SLI_TOTAL, rate(indicator.entered, offset=arrears), slo)
    # No consumer at all is nothing settled.
    settled = f"{rate(indicator.arrived, '_count')} + {rate(indicator.failed)}"
    yield _record(SLI_SETTLED, f"{settled}\n{OR_NONE}", slo)
    in_time = rate(indicator.arrived, "_bucket", {"le": bound(indicator.seconds)})
    yield _record(SLI_IN_TIME, f"{in_time}\n{OR_NONE}", slo)


def _ratios(windows: tuple[str, ...], grace: int) -> list[Recording]:
    found = []
    for window in windows:
        ratios = [_plain(window, ""), *([_delayed(window, "", grace)] if grace else [])]
        found.append(_record(ERROR_RATIOS[window], "\nor\n".join(ratios)))
        if window in BAD_COUNTS:
            ratio, total = ERROR_RATIOS[window].name, SLI_TOTAL.name
            count = f"{ratio} * sum_over_time({total}[{window}:1m]) * 60"
            found.append(_record(BAD_COUNTS[window], count))
    return found


def _plain(window: str, matcher: str) -> str:
    """Return the ratio of objectives whose failures are counted; none without traffic.

    The two sides meet by the name of the objective: one matcher is enough.
    """
    bad, total = _sum(SLI_BAD, window, matcher), _sum(SLI_TOTAL, window)
    return f"{bad} / ({total} > 0)"


def _delayed(window: str, matcher: str, grace: int) -> str:
    """Return the ratio of objectives on delay (see above); none without traffic."""
    total, settled = _sum(SLI_TOTAL, window), _sum(SLI_SETTLED, window)
    stuck = f"clamp_min({total} - {_sum(SLI_SETTLED, f'{window}{grace}s')}, 0)"
    good = _sum(SLI_IN_TIME, window, matcher)
    return f"1 - {good}\n  / ({settled} + {stuck} > 0)"


def _budget(slo: Slo, grace: int) -> Recording:
    delayed = isinstance(slo.indicator, Delay)
    ratio = _delayed(slo.window, of(slo), grace) if delayed else _plain(slo.window, of(slo))
    return _record(BUDGET_LEFT, f"1 - ({ratio}) / {slo.budget:f}", slo)


def _sum(series: Recorded, window: str, matcher: str = "") -> str:
    return f"sum_over_time({series.name}{matcher}[{window}])"


def _record(series: Recorded, expr: str, slo: Slo | None = None) -> Recording:
    return Recording(record=series.name, expr=expr, labels={"slo": slo.name} if slo else {})
