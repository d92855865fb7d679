"""Every process of ours as Prometheus sees it, and what of that the catalogue does not allow."""

from collections import Counter
from collections.abc import Iterator
from itertools import product

import httpx
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from backend.observability.catalogue import CATALOGUE, Kind, Process, Spec
from tests.fixtures.running import RunningStack

# Of prometheus_client's process collector, in every process; declared as FOREIGN where used.
LIBRARY_S_OWN = "process_"
FIXED = {
    Process.RELAY: "relay",
    Process.WORKER: "worker",
    Process.AGENT: "agent",
    Process.CONTROL: "control",
    Process.CONSOLE: "console-metrics",
}


def scrape(stack: RunningStack, process: Process) -> dict[str, Metric]:
    """Return what one process of a kind exposes, by the exposed name."""
    if process is Process.API:
        address = stack.replicas()[0].ops_address
    else:
        address = f"127.0.0.1:{stack.home.ports[FIXED[process]]}"
    token = {"authorization": f"Bearer {stack.secret('metrics_token')}"}
    headers = token if process is Process.CONTROL else {}
    text = httpx.get(f"http://{address}/metrics", headers=headers).raise_for_status().text
    families = text_string_to_metric_families(text)
    return {_exposed(family): family for family in families if _is_ours(family)}


def declared(process: Process) -> dict[str, Spec]:
    return {spec.name: spec for spec in CATALOGUE if process in spec.processes}


def faults(spec: Spec, family: Metric) -> Iterator[str]:
    """Yield every difference between a metric as it is exposed and as it is declared."""
    if (family.type, family.documentation) != (spec.kind.value, spec.help):
        yield f"{spec.name} says {family.type}: {family.documentation}"
    bounds = {*spec.buckets, float("inf")}
    for sample in family.samples:
        labels = dict(sample.labels)
        if sample.name.endswith("_bucket") and float(labels.pop("le")) not in bounds:
            yield f"{spec.name} has the bucket {sample.labels['le']}"
        if labels.keys() != set(spec.label_names):
            yield f"{spec.name} has the labels {sorted(labels)}"
        for label in spec.labels:
            if label.values and labels.get(label.name) not in label.values:
                yield f"{spec.name} has {label.name}={labels.get(label.name)!r}"
    yield from _beyond(spec, family)


def _beyond(spec: Spec, family: Metric) -> Iterator[str]:
    if len(family.samples) > spec.budget:
        yield f"{spec.name} has {len(family.samples)} series, {spec.budget} are allowed"
    seen = {
        (label, sample.labels.get(label.name))
        for sample, label in product(family.samples, spec.labels)
    }
    for label, count in Counter(label for label, _ in seen).items():
        if count > label.most:
            yield f"{spec.name} has {count} values of {label.name}, {label.most} are allowed"


def _is_ours(family: Metric) -> bool:
    return not family.name.startswith(LIBRARY_S_OWN)


def _exposed(family: Metric) -> str:
    return f"{family.name}_total" if family.type == Kind.COUNTER.value else family.name
