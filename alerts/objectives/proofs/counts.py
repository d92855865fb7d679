"""promtool tests of what is counted: from the processes' own counters to rates.

Beside each series that must be counted stands one a matcher that must not be,
which differs from it in that label alone. Counters stand still and then grow,
so that a window of another length sees another rate.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from alerts.objectives.model import Delay, Latency, Selector, Share, Slo, Value
from alerts.objectives.selecting import bound, of
from backend.observability.catalogue import SLI_BAD, SLI_IN_TIME, SLI_SETTLED, SLI_TOTAL

Series = dict[str, str]
# Ten steps of 15 s; growth begins after the eighth, so a minute sees two steps of it.
AT = "150s"
DECOY = 900


def proof(slos: list[Slo]) -> dict[str, Any]:
    """Return the test file of all that is counted."""
    tests = [test for slo in slos for test in _tests(slo)]
    return {
        "rule_files": ["../rules/slo-counts.yaml"],
        "evaluation_interval": "15s",
        "tests": tests,
    }


def _tests(slo: Slo) -> Iterator[dict[str, Any]]:
    match slo.indicator:
        case Share() as share:
            yield from _share(slo, share)
        case Latency() as latency:
            yield _latency(slo, latency)
        case Delay() as delay:
            yield from _delay(slo, delay)


def _share(slo: Slo, share: Share) -> Iterator[dict[str, Any]]:
    good = _good(share)
    bad = _narrowed(share.total, share.bad)
    both = good | _grown(bad, "", 30, known=share.total)
    both |= _grown(bad, "", 30, "two", known=share.total)
    idle = dict.fromkeys(good, "0x20")
    yield _test(slo, "counts what is asked for, and what of it fails", both, 4, bad=2)
    yield _test(slo, "counts no failure where none was ever seen", good, 2, bad=0)
    yield _test(slo, "counts nothing while nothing is asked for", idle, 0, bad=0)


def _good(share: Share) -> Series:
    """Return series that are counted and are not bad, on two instances."""
    other = {label: _another(share.total, label, value) for label, value in share.bad.items()}
    plain = _narrowed(share.total, other)
    one = _grown(plain, "", 30, known=share.total)
    return one | _grown(plain, "", 30, "two", known=share.total)


def _latency(slo: Slo, latency: Latency) -> dict[str, Any]:
    series = _timed(latency.histogram, latency.seconds, everything=90, quick=60)
    return _test(slo, "tells the slow by the bucket of its bound", series, 6, bad=2)


def _delay(slo: Slo, delay: Delay) -> Iterator[dict[str, Any]]:
    entered = _grown(delay.entered, "", 60) | _grown(delay.entered, "", 60, "two")
    arrived = _timed(delay.arrived, delay.seconds, everything=90, quick=60)
    failed = _grown(delay.failed, "", 30) | _grown(delay.failed, "", 30, "two")
    whole = entered | arrived | failed
    # What entered is read one step later, which has seen half of the growth.
    yield _test(slo, "counts what entered, settled and was in time", whole, 2, settled=8, in_time=4)
    yield _test(slo, "counts nothing settled without a consumer", entered, 2, settled=0, in_time=0)
    idle = dict.fromkeys(entered, "0x20")
    yield _test(slo, "counts nothing while nothing enters", idle, 0, settled=0, in_time=0)


def _timed(histogram: Selector, seconds: float, everything: int, quick: int) -> Series:
    buckets = _narrowed(histogram, {"le": bound(seconds)})
    found: Series = {}
    for instance in ("one", "two"):
        found |= _grown(histogram, "_count", everything, instance)
        found |= _grown(buckets, "_bucket", quick, instance)
    return found


def _grown(
    selector: Selector,
    part: str,
    growth: int,
    instance: str = "one",
    *,
    known: Selector | None = None,
) -> Series:
    """Return a series that grows by `growth` a step, with one beside it a matcher that fails.

    The matchers are those of `known`, or else the selector's own.
    """
    labels = {"instance": instance} | {name: _one(value) for name, value in selector.where.items()}
    strangers = [{**labels, name: "decoy"} for name in (known or selector).where]
    strangers += [{**labels, name: _one(value)} for name, value in selector.except_.items()]
    found = {_name(selector, part, stranger): _growth(DECOY) for stranger in strangers}
    return found | {_name(selector, part, labels): _growth(growth)}


def _growth(step: int) -> str:
    return f"0x8 {step}+{step}x12"


def _narrowed(selector: Selector, more: Mapping[str, Value]) -> Selector:
    return selector.model_copy(update={"where": {**selector.where, **more}})


def _another(selector: Selector, label: str, bad: Value) -> str:
    """Return a value of the label that is counted and is not bad."""
    wanted = selector.where.get(label, "good")
    known = [wanted] if isinstance(wanted, str) else wanted
    return next(value for value in known if value != bad)


def _one(value: Value) -> str:
    return value if isinstance(value, str) else value[0]


def _name(selector: Selector, part: str, labels: Mapping[str, str]) -> str:
    inside = ",".join(f'{name}="{value}"' for name, value in sorted(labels.items()))
    return f"{selector.metric}{part}{{{inside}}}"


def _test(slo: Slo, what: str, series: Series, total: int, **more: int) -> dict[str, Any]:
    """Return a test; the rates are what a minute sees: two steps, or one of what entered."""
    recorded = {"bad": SLI_BAD, "settled": SLI_SETTLED, "in_time": SLI_IN_TIME}
    expected = {SLI_TOTAL.name: total} | {recorded[name].name: n for name, n in more.items()}
    return {
        "name": f"{slo.name} {what}",
        "interval": "15s",
        "input_series": [{"series": name, "values": text} for name, text in series.items()],
        "promql_expr_test": [
            {
                "expr": f"{name}{of(slo)}",
                "eval_time": AT,
                "exp_samples": [{"labels": f"{name}{of(slo)}", "value": value}],
            }
            for name, value in expected.items()
        ],
    }
