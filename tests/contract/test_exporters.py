"""What we say that other programs expose is what they expose, and all that is kept of them."""

from typing import Any

import httpx
import pytest

from alerts.promql import EXPOSED
from backend.observability.catalogue import FOREIGN, RULES, Foreign, names_of, series_of
from deploy.prometheus.configuration import FIXED_JOBS
from tests.fixtures.running import RunningStack, eventually

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("asked_once")]

SCRAPED = [metric for metric in FOREIGN if metric.jobs != RULES]
OTHERS = ("gateway", "postgres", "redis", "rabbitmq", "prometheus", "alertmanager")
# What Prometheus itself adds to every target; no configuration can leave it out.
ADDED = {
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
}


@pytest.fixture(scope="module")
def asked_once(stack: RunningStack) -> None:
    """The gateway tells of its attempts at a replica once there was one."""
    httpx.get(f"{stack.url('gateway')}/v1/users").raise_for_status()


def _series(stack: RunningStack, selector: str) -> list[dict[str, str]]:
    address = f"{stack.url('prometheus')}/api/v1/query"
    answer = httpx.get(address, params={"query": selector}).raise_for_status()
    found: list[dict[str, Any]] = answer.json()["data"]["result"]
    return [result["metric"] for result in found]


@pytest.mark.parametrize("metric", SCRAPED, ids=lambda metric: metric.name)
def test_an_exporters_metric_is_there_with_the_labels_that_we_use(
    stack: RunningStack, metric: Foreign
) -> None:
    for name in series_of(metric):
        found = eventually(lambda n=name: _series(stack, n), bool, name)  # type: ignore[misc]
        # An empty value is no label, so a single series may lack one.
        assert {label for labels in found for label in labels} == {"__name__", *EXPOSED[name]}


@pytest.mark.parametrize("job", OTHERS)
def test_of_another_program_exactly_what_is_declared_is_kept(stack: RunningStack, job: str) -> None:
    def kept() -> set[str]:
        return {labels["__name__"] for labels in _series(stack, f'{{job="{job}"}}')} - ADDED

    wanted = set(names_of(job))
    assert eventually(kept, lambda names: wanted <= names, f"all of {job}") == wanted


def test_every_other_program_was_looked_at() -> None:
    assert {*OTHERS, "relay", "worker", "agent", "control", "console"} == set(FIXED_JOBS)
