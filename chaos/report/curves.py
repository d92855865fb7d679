"""What users felt before, during and after a drill, as curves from Prometheus."""

from collections.abc import Sequence
from datetime import datetime

from chaos.errors import BlindError
from chaos.probes.prometheus import DURATIONS, RESPONSES, SERVER_ERRORS, USERS, Prometheus
from chaos.report.charts import Chart
from chaos.schemas import DrillVerdict

AROUND = 30.0  # seconds shown before and after the drill
POINTS = 200
# Seconds: a rate is taken over no less, so that a late scrape makes no gap.
SHORTEST_RANGE = 10.0
Rate = tuple[str, str, str]  # title, unit, query


def charts(verdict: DrillVerdict, prometheus: Prometheus) -> list[Chart]:
    """Return the charts; without any where Prometheus cannot be asked, or has forgotten."""
    fault = _fault(verdict)
    faults = [fault] if fault else []
    return curves(prometheus, verdict.started_at, verdict.ended_at, faults, _marks(verdict))


def curves(
    prometheus: Prometheus,
    started_at: datetime,
    ended_at: datetime,
    faults: Sequence[tuple[float, float]],
    marks: Sequence[tuple[float, str]],
) -> list[Chart]:
    """Return what users felt in that time; nothing where Prometheus cannot be asked.

    Each point tells of all the time since the one before it, however far apart they are.
    """
    start, end = started_at.timestamp() - AROUND, ended_at.timestamp() + AROUND
    step = max(1.0, round((end - start) / POINTS))
    rates = _rates(max(SHORTEST_RANGE, step))
    try:
        found = [prometheus.curve(promql, start, end, step) for _, _, promql in rates]
    except BlindError:
        return []
    return [
        Chart(title, unit, curve, start, end, faults, marks)
        for (title, unit, _), curve in zip(rates, found, strict=True)
    ]


def _rates(seconds: float) -> list[Rate]:
    failed = f'{USERS},envoy_response_code_class="{SERVER_ERRORS}"'
    durations = f"sum by (le) (rate({DURATIONS}{{{USERS}}}[{seconds:g}s]))"
    return [
        ("Requests", "/s", f"sum(rate({RESPONSES}{{{USERS}}}[{seconds:g}s]))"),
        ("Failed requests", "/s", f"sum(rate({RESPONSES}{{{failed}}}[{seconds:g}s]))"),
        ("p99 of the answers", "ms", f"histogram_quantile(0.99, {durations})"),
    ]


def _fault(verdict: DrillVerdict) -> tuple[float, float] | None:
    if verdict.fault_at is None:
        return None
    end = verdict.fault_ended_at or verdict.recovered_at or verdict.ended_at
    return verdict.fault_at.timestamp(), end.timestamp()


def _marks(verdict: DrillVerdict) -> list[tuple[float, str]]:
    if verdict.fault_at is None:
        return []
    fault = verdict.fault_at.timestamp()
    return [
        (fault + way.firing, f"{way.alert} fires")
        for each in verdict.signals
        if (way := each.way) is not None and way.firing is not None
    ]
