"""What we say that other programs expose is what they expose, on the real stack."""

from typing import Any

import httpx
import pytest

from backend.observability.catalogue import FOREIGN, RULES, TARGET_LABELS, Foreign
from tests.fixtures.running import RunningStack, eventually

pytestmark = pytest.mark.stack
EXPOSED = [metric for metric in FOREIGN if metric.jobs != RULES]


@pytest.mark.parametrize("metric", EXPOSED, ids=lambda metric: metric.name)
def test_an_exporters_metric_is_there_with_the_labels_that_we_use(
    stack: RunningStack, metric: Foreign
) -> None:
    def series() -> list[dict[str, Any]]:
        answer = httpx.get(f"{stack.url('prometheus')}/api/v1/query", params={"query": metric.name})
        return [result["metric"] for result in answer.json()["data"]["result"]]

    found = eventually(series, bool, 30, f"{metric.name} in Prometheus")
    assert all({*TARGET_LABELS, *metric.labels} <= labels.keys() for labels in found)
