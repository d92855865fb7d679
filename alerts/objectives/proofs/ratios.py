"""promtool tests of the ratios over the windows, and of the budget left.

Forty samples span two windows, and what is counted changes twice in them: a
window of half or double the length sees another share. The expected numbers are
added up here, sample by sample.
"""

from typing import Any

from alerts.objectives.model import Delay, Slo
from alerts.tokens import duration
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

STEPS = 20
Values = list[float]
Counted = dict[Recorded, Values]


def _pattern(old: float, early: float, later: float) -> Values:
    """Return two windows of samples: before the window, in its first half, in its second."""
    return [old] * STEPS + [early] * (STEPS // 2) + [later] * (STEPS // 2 + 1)


# Objective → what was counted for it, in numbers that add up without a rest.
PLAIN: dict[str, Counted] = {
    "changing": {SLI_TOTAL: _pattern(32, 16, 8), SLI_BAD: _pattern(4, 2, 0.5)},
    "quiet": {SLI_TOTAL: _pattern(0.03125, 0.03125, 0.03125), SLI_BAD: _pattern(0, 0, 0.03125)},
    "idle": {SLI_TOTAL: _pattern(1, 0, 0), SLI_BAD: _pattern(1, 0, 0)},
}
DELAYED: dict[str, Counted] = {
    "stuck": {
        SLI_TOTAL: _pattern(32, 16, 16),
        SLI_SETTLED: _pattern(32, 8, 4),
        SLI_IN_TIME: _pattern(32, 6, 2),
    },
    "draining": {
        SLI_TOTAL: _pattern(32, 16, 2),
        SLI_SETTLED: _pattern(4, 16, 8),
        SLI_IN_TIME: _pattern(4, 8, 2),
    },
    "in-time": {
        SLI_TOTAL: _pattern(16, 16, 16),
        SLI_SETTLED: _pattern(32, 32, 32),
        SLI_IN_TIME: _pattern(32, 32, 32),
    },
    "slow-and-quiet": {
        SLI_TOTAL: _pattern(0.03125, 0.03125, 0.03125),
        SLI_SETTLED: _pattern(0.03125, 0.03125, 0.03125),
        SLI_IN_TIME: _pattern(0.03125, 0, 0.03125),
    },
    "nobody-enters": {
        SLI_TOTAL: _pattern(1, 0, 0),
        SLI_SETTLED: _pattern(1, 0, 0),
        SLI_IN_TIME: _pattern(1, 0, 0),
    },
}

# What befalls the objectives of either kind at the same time.
BUDGETS = (
    ("changing", "stuck"),
    ("quiet", "draining"),
    ("quiet", "in-time"),
    ("quiet", "slow-and-quiet"),
)


def ratio_proof(window: str, slos: list[Slo]) -> dict[str, Any]:
    """Return the test file of one window's error ratio, and count of failures if it has one."""
    delayed = DELAYED if any(isinstance(slo.indicator, Delay) for slo in slos) else {}
    everything = PLAIN | delayed
    step = _seconds(window) // STEPS
    ratios = {
        name: ratio
        for name, counted in everything.items()
        if (ratio := _ratio(counted, step)) is not None
    }
    tests = [
        _test(
            f"the error ratio over {window} is weighted by traffic, and there is none without",
            step,
            everything,
            {ERROR_RATIOS[window].name: ratios},
        )
    ]
    if window in BAD_COUNTS:
        tests.append(_failures(window))
    return _document("slo-ratios.yaml", step, tests)


def budget_proof(window: str, slos: list[Slo]) -> dict[str, Any]:
    """Return the test file of the budgets over a window of days."""
    own = [slo for slo in slos if slo.window == window]
    step, tests = _seconds(window) // STEPS, []
    for case, delayed_case in BUDGETS:
        # Beside them one that is none of them: no budget may count what is another's.
        counted: dict[str, Counted] = {"another": DELAYED["draining"]}
        left: dict[str, float] = {}
        for slo in own:
            delayed = isinstance(slo.indicator, Delay)
            counted[slo.name] = DELAYED[delayed_case] if delayed else PLAIN[case]
            ratio = _ratio(counted[slo.name], step)
            assert ratio is not None  # noqa: S101  these cases have traffic
            left[slo.name] = 1 - ratio / float(slo.budget)
        what = f"{case} and {delayed_case}"
        name = f"the budget left over {window} is what the failures did not use up: {what}"
        tests.append(_test(name, step, counted, {BUDGET_LEFT.name: left}))
    idle = {slo.name: _idle(slo) for slo in own}
    name = f"no budget is told of {window} in which nothing was asked for"
    tests.append(_test(name, step, idle, {BUDGET_LEFT.name: {}}))
    return _document("slo-budgets.yaml", step, tests)


def _idle(slo: Slo) -> Counted:
    return DELAYED["nobody-enters"] if isinstance(slo.indicator, Delay) else PLAIN["idle"]


def _failures(window: str) -> dict[str, Any]:
    """One failure among eight requests a second, told every five minutes."""
    samples = 2 * _seconds(window) // 300 + 1
    counted = {"failing": {SLI_TOTAL: [8.0] * samples, SLI_BAD: [1.0] * samples}}
    # Both ends of the window are looked at, so a minute more.
    expected = {BAD_COUNTS[window].name: {"failing": _seconds(window) + 60.0}}
    name = f"the failures over {window} are counted in requests, not in samples"
    return _test(name, 300, counted, expected, 2 * _seconds(window))


def _ratio(counted: Counted, step: int) -> float | None:
    """Return the share of what failed in the newer window, both ends included.

    What settled is looked for 30 s further back: one step more, or two, if samples are as close.
    """
    sums = {series: sum(values[STEPS:]) for series, values in counted.items()}
    if SLI_BAD in sums:
        return sums[SLI_BAD] / sums[SLI_TOTAL] if sums[SLI_TOTAL] else None
    longer = sum(counted[SLI_SETTLED][STEPS - 30 // step :])
    stuck = max(sums[SLI_TOTAL] - longer, 0)
    settled = sums[SLI_SETTLED] + stuck
    return 1 - sums[SLI_IN_TIME] / settled if settled else None


def _test(
    name: str,
    step: int,
    counted: dict[str, Counted],
    expected: dict[str, dict[str, float]],
    at: int | None = None,
) -> dict[str, Any]:
    series = [
        {"series": f'{recorded.name}{{slo="{slo}"}}', "values": " ".join(map(repr, values))}
        for slo, parts in counted.items()
        for recorded, values in parts.items()
    ]
    return {
        "name": name,
        "interval": f"{step}s",
        "input_series": series,
        "promql_expr_test": [
            {
                "expr": record,
                "eval_time": f"{at or 2 * STEPS * step}s",
                "exp_samples": [
                    {"labels": f'{record}{{slo="{slo}"}}', "value": value}
                    for slo, value in values.items()
                ],
            }
            for record, values in expected.items()
        ],
    }


def _document(rules: str, step: int, tests: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "rule_files": [f"../rules/{rules}"],
        "evaluation_interval": f"{step}s",
        "tests": tests,
    }


def _seconds(window: str) -> int:
    return duration(window) // 1000
