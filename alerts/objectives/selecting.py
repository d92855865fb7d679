"""PromQL selectors and rates of an objective's indicator."""

from collections.abc import Mapping

from alerts.objectives.model import Delay, Indicator, Latency, Selector, Share, Slo, Value

# Four scrapes fit in it at 15 s between them; shorter windows would see too few.
BASE = "1m"
# Beside the threshold: a scrape of one process may be this much older than another's.
SCRAPES_APART = 10
# In sums over a window, a nought that nothing stands beside adds nothing.
OR_NONE = "or\nvector(0)"
NOTHING: Mapping[str, Value] = {}


def good_and_bad(indicator: Share | Latency) -> tuple[str, str]:
    """Return what is counted, and what of it is bad, each a second.

    A class of answers that never occurred may have no series: that is none, not unknown.
    """
    if isinstance(indicator, Latency):
        total = rate(indicator.histogram, "_count")
        quick = rate(indicator.histogram, "_bucket", {"le": bound(indicator.seconds)})
        return total, f"{total} - {quick}"
    total = rate(indicator.total)
    return total, f"{rate(indicator.total, more=indicator.bad)}\n{OR_NONE}"


def counted_bad(indicator: Indicator) -> str:
    """Return what counts failures since the processes' start; while nothing arrives, for a delay.

    What entered and has not arrived is late from the threshold on: it is read as of then.
    """
    match indicator:
        case Share():
            return f"{_count(indicator.total, more=indicator.bad)} or vector(0)"
        case Latency():
            quick = _count(indicator.histogram, "_bucket", {"le": bound(indicator.seconds)})
            return f"{_count(indicator.histogram, '_count')} - {quick}"
        case Delay():
            return _count(indicator.entered, offset=f"{indicator.seconds:g}s")


def _count(
    selector: Selector, part: str = "", more: Mapping[str, Value] = NOTHING, offset: str = ""
) -> str:
    chosen = f"{selector.metric}{part}{{{_matchers(selector, more)}}}"
    return f"sum({chosen}{f' offset {offset}' if offset else ''})"


def rate(
    selector: Selector, part: str = "", more: Mapping[str, Value] = NOTHING, offset: str = ""
) -> str:
    """Return the summed rate of a counter, or of a histogram's `part`, where `more` holds too."""
    chosen = f"{selector.metric}{part}{{{_matchers(selector, more)}}}[{BASE}]"
    return f"sum(rate({chosen}{f' offset {offset}' if offset else ''}))"


def bound(seconds: float) -> str:
    """Return a bucket's `le` as prometheus_client writes it: 5 is 5.0 there, and never 5."""
    return str(float(seconds))


def of(slo: Slo) -> str:
    """Return the matcher of the objective's recorded series."""
    return f'{{slo="{slo.name}"}}'


def _matchers(selector: Selector, more: Mapping[str, Value]) -> str:
    wanted = {**selector.where, **more}
    found = [_matcher(label, value, "=") for label, value in wanted.items()]
    found += [_matcher(label, value, "!") for label, value in selector.except_.items()]
    return ",".join(found)


def _matcher(label: str, value: Value, sign: str) -> str:
    if isinstance(value, list):
        return f'{label}{sign}~"{"|".join(value)}"'
    return f'{label}{"=" if sign == "=" else "!="}"{value}"'
