"""Holds objectives to the signal catalogue: what they count must exist, with these labels."""

from collections.abc import Iterator

from alerts.document import Fault, Place
from alerts.objectives.model import Delay, Latency, Selector, Share, Slo, Value
from alerts.rulebook import PAGES
from backend.observability.catalogue import CATALOGUE, FOREIGN, Foreign, Kind, Spec

_EVERY: tuple[Spec | Foreign, ...] = (*CATALOGUE, *FOREIGN)
METRICS = {metric.name: metric for metric in _EVERY}


def faults(slos: list[Slo]) -> list[Fault]:
    """Return what in sound-looking objectives names something that does not exist."""
    found: list[Fault] = []
    for index, slo in enumerate(slos):
        place: Place = ("slos", index)
        if slo.name in [other.name for other in slos[:index]]:
            found.append(Fault((*place, "name"), f"{slo.name} is taken: give another name"))
        page = slo.console.partition("?")[0].removeprefix("/")
        if not slo.console.startswith("/") or page not in PAGES:
            known = ", ".join(f"/{page}" for page in sorted(PAGES))
            found.append(
                Fault((*place, "console"), f"{slo.console} is no page: give one of {known}")
            )
        found += _indicator(slo.indicator, (*place, "indicator"))
    return found


def _indicator(indicator: Share | Latency | Delay, place: Place) -> Iterator[Fault]:
    match indicator:
        case Share():
            yield from _selector(indicator.total, Kind.COUNTER, (*place, "total"))
            yield from _labels(indicator.total.metric, indicator.bad, (*place, "bad"))
        case Latency():
            yield from _histogram(indicator.histogram, indicator.seconds, place, "histogram")
        case Delay():
            yield from _selector(indicator.entered, Kind.COUNTER, (*place, "entered"))
            yield from _histogram(indicator.arrived, indicator.seconds, place, "arrived")
            yield from _selector(indicator.failed, Kind.COUNTER, (*place, "failed"))


def _histogram(selector: Selector, seconds: float, place: Place, field: str) -> Iterator[Fault]:
    yield from _selector(selector, Kind.HISTOGRAM, (*place, field))
    metric = METRICS.get(selector.metric)
    buckets = metric.buckets if isinstance(metric, Spec) else ()
    if metric and metric.kind is Kind.HISTOGRAM and seconds not in buckets:
        bounds = ", ".join(f"{bound:g}" for bound in buckets) or "not in the catalogue"
        yield Fault(
            (*place, "seconds"),
            f"{seconds:g} is no bucket's bound of {metric.name}, so nothing counts what was "
            f"faster: take one of its bounds ({bounds}), or add this one to the catalogue",
        )


def _selector(selector: Selector, kind: Kind, place: Place) -> Iterator[Fault]:
    metric = METRICS.get(selector.metric)
    if metric is None:
        yield Fault(
            (*place, "metric"),
            f"{selector.metric} is not in the catalogue: take a metric that is, or declare it",
        )
    elif metric.kind is not kind:
        yield Fault(
            (*place, "metric"), f"{metric.name} is a {metric.kind}: this indicator needs a {kind}"
        )
    yield from _labels(selector.metric, selector.where, (*place, "where"))
    yield from _labels(selector.metric, selector.except_, (*place, "except"))


def _labels(name: str, wanted: dict[str, Value], place: Place) -> Iterator[Fault]:
    metric = METRICS.get(name)
    if metric is None:
        return
    values = _values(metric)
    for label, value in wanted.items():
        if label not in values:
            known = ", ".join(sorted(values))
            yield Fault((*place, label), f"{name} has no such label: take one of {known}")
            continue
        unknown = set([value] if isinstance(value, str) else value) - values[label]
        if values[label] and unknown:
            listed = ", ".join(sorted(values[label]))
            strange = ", ".join(sorted(unknown))
            yield Fault((*place, label), f"{strange} never occurs there: take of {listed}")


def _values(metric: Spec | Foreign) -> dict[str, frozenset[str]]:
    """Return a metric's labels with their values; none listed where any is possible."""
    anything: frozenset[str] = frozenset()
    if isinstance(metric, Foreign):
        labels = dict.fromkeys(metric.labels, anything)
        return labels | {"job": metric.jobs, "instance": anything}
    own = {label.name: frozenset(label.values) for label in metric.labels}
    return own | {"job": frozenset(str(p) for p in metric.processes), "instance": anything}
