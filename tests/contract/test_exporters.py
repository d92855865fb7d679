"""What we say that other programs expose is what they expose, on the real stack."""

from typing import Any

import httpx
import pytest

from tests.contract.signals import EXPORTERS
from tests.fixtures.running import RunningStack, eventually

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("name", EXPORTERS)
def test_an_exporters_metric_is_there_with_the_labels_that_we_use(
    stack: RunningStack, name: str
) -> None:
    def series() -> list[dict[str, Any]]:
        answer = httpx.get(f"{stack.url('prometheus')}/api/v1/query", params={"query": name})
        return [result["metric"] for result in answer.json()["data"]["result"]]

    found = eventually(series, bool, 30, f"{name} in Prometheus")
    assert all({"job", "instance", *EXPORTERS[name]} <= labels.keys() for labels in found)
