"""promtool tests of the objectives' alerts: each limit from just above and from exactly at it.

They feed the recorded series themselves, so that three days cost as many
samples as a quarter of an hour. That those series say what they claim is
proved apart (`counts`, `ratios`), and both together, from the counters on, in
`alerts/tests/slo-incidents.yaml`.
"""

from collections.abc import Iterator
from typing import Any

from alerts.objectives.burning import FAST, MISSING, Pair, Speed, limit
from alerts.objectives.model import Slo
from alerts.objectives.selecting import of
from backend.observability.catalogue import BAD_COUNTS, BUDGET_LEFT, ERROR_RATIOS, SLI_TOTAL

ABOVE = 1.01
STRANGER = '{slo="another"}'
# Of an alert: between two evaluations, just before it is held long enough, and well after.
CLOCKS = {"BurnsFast": ("15s", "45s", "5m"), "BurnsSlowly": ("1m", "14m", "20m")}

Document = dict[str, Any]


def proof(slos: list[Slo], speed: Speed) -> Document:
    """Return the test file of one speed's alerts."""
    interval = CLOCKS[speed.name][0]
    tests = [test for pair in speed.pairs for test in _tests(slos, speed, pair)]
    if speed is FAST:
        tests.append(_missing(slos))
    return {
        "rule_files": ["../rules/slo-burning.yaml"],
        "evaluation_interval": interval,
        "tests": [{"name": name, "interval": interval, **test} for name, test in tests],
    }


def _tests(slos: list[Slo], speed: Speed, pair: Pair) -> Iterator[tuple[str, Document]]:
    """The objectives share each test, since a test costs more than what is in it."""
    windows = f"{pair.long} and {pair.short}"
    yield (
        f"fires just above {pair.factor} times the allowed pace in {windows}, and resolves "
        "when the short window is at it again",
        _burning(slos, speed, pair),
    )
    # What the long window, the short window and the count of failures are, as `_series` says.
    for words, scales in {
        f"only the {pair.long} of {windows} burns": (ABOVE, 1, 0),
        f"only the {pair.short} of {windows} burns": (1, ABOVE, 0),
        f"{windows} burn with a shade fewer failures than call somebody": (ABOVE, ABOVE, -0.1),
    }.items():
        inputs = [_series(slo, of(slo), pair, scales) for slo in slos]
        yield f"is silent while {words}", _silent(slos, speed, inputs)
    strangers = [_series(slos[0], STRANGER, pair, (200, 200, 1000))]
    words = f"is silent while an objective that is not its own burns in {windows}"
    yield words, _silent(slos, speed, strangers)


def _series(
    slo: Slo, matcher: str, pair: Pair, scales: tuple[float, float, float]
) -> dict[str, str]:
    """Return ratios as multiples of the limit, and failures beside the fewest that count."""
    most = float(limit(slo, pair))
    long, short, more = scales
    return {
        f"{ERROR_RATIOS[pair.long].name}{matcher}": f"{most * long!r}x40",
        f"{ERROR_RATIOS[pair.short].name}{matcher}": f"{most * short!r}x40",
        f"{BAD_COUNTS[pair.long].name}{matcher}": f"{slo.fewest_bad + more}x40",
    }


def _silent(slos: list[Slo], speed: Speed, inputs: list[dict[str, str]]) -> Document:
    cases = [_case(slo, speed, CLOCKS[speed.name][2]) for slo in slos]
    return _document(_merged(inputs), cases)


def _burning(slos: list[Slo], speed: Speed, pair: Pair) -> Document:
    _, before, after = CLOCKS[speed.name]
    inputs, cases = [], []
    for slo in slos:
        ratio = float(limit(slo, pair)) * ABOVE
        series = _series(slo, of(slo), pair, (ABOVE, ABOVE, 0))
        # At exactly the limit again after 16 evaluations, when it was held long enough.
        short = f"{ERROR_RATIOS[pair.short].name}{of(slo)}"
        series[short] = f"{ratio!r}x16 {limit(slo, pair)}x30"
        series[f"{BUDGET_LEFT.name}{of(slo)}"] = "0.25x60"
        inputs.append(series)
        seen = ratio if pair is speed.pairs[0] else None
        alert = {
            "exp_labels": {"severity": str(speed.severity), "team": str(slo.team), "slo": slo.name},
            "exp_annotations": _annotations(slo, speed, ratio, seen),
        }
        cases += [
            _case(slo, speed, before),
            _case(slo, speed, speed.hold, alert),
            _case(slo, speed, after),
        ]
    return _document(_merged(inputs), cases)


def _merged(inputs: list[dict[str, str]]) -> dict[str, str]:
    return {name: values for series in inputs for name, values in series.items()}


def _annotations(slo: Slo, speed: Speed, ratio: float, seen: float | None) -> dict[str, str]:
    fast, steady = speed.pairs
    times = ratio / float(slo.budget)
    now = "unknown" if seen is None else _percent(seen)
    return {
        "summary": f"{slo.title}: {_percent(ratio)} of {slo.counts} miss the objective, "
        f"{times:.4g} times what {slo.objective}% allows",
        "description": f"{slo.feels} In the last {fast.short} {now} missed it; of the budget of "
        f"{slo.window} 25% is left. Fires at {fast.factor} times the pace that the budget "
        f"allows, over {fast.long} and {fast.short}, or {steady.factor} times over "
        f"{steady.long} and {steady.short}.",
        "runbook_url": f"alerts/runbooks/{slo.alert}{speed.name}.md",
        "console_url": slo.console,
        "dashboard_url": f"/d/{slo.dashboard}",
    }


def _missing(slos: list[Slo]) -> tuple[str, Document]:
    """Each objective's signal is away for 3 minutes, one after the other."""
    series, cases = {}, []
    for index, slo in enumerate(slos):
        begin = 16 * index
        series[f"{SLI_TOTAL.name}{of(slo)}"] = f"1x{begin + 2} stale _x11 1x{16 * len(slos)}"
        gone = 15 * (begin + 3)
        for seconds, fires in ((105, False), (120, True), (195, False)):
            alerts = [_gone(slo)] if fires else []
            at = f"{gone + seconds}s"
            cases.append({"eval_time": at, "alertname": MISSING, "exp_alerts": alerts})
    return "fires while nothing counts an objective, and says which", _document(series, cases)


def _gone(slo: Slo) -> Document:
    return {
        "exp_labels": {"severity": "page", "team": "platform", "slo": slo.name},
        "exp_annotations": {
            "summary": f"Nobody can tell whether the objective {slo.name} is kept: "
            "1 signal is missing",
            "description": f"What {slo.name} is counted from has not been there for "
            "2 minutes: its alerts are silent whatever users feel. A process that cannot be "
            "scraped, a metric that was renamed, or rules that fail.",
            "runbook_url": f"alerts/runbooks/{MISSING}.md",
            "console_url": f"/alerts?alert={MISSING}",
            "dashboard_url": "/d/pharos-alerting",
        },
    }


def _case(slo: Slo, speed: Speed, at: str, *alerts: Document) -> Document:
    name = f"{slo.alert}{speed.name}"
    return {"eval_time": at, "alertname": name, "exp_alerts": list(alerts)}


def _document(series: dict[str, str], cases: list[Document]) -> Document:
    inputs = [{"series": name, "values": values} for name, values in series.items()]
    return {"input_series": inputs, "alert_rule_test": cases}


def _percent(ratio: float) -> str:
    return f"{ratio * 100:.4g}%"
