"""On the real stack a latency names a request that it measured, as Prometheus keeps it."""

import time
from typing import Any
from uuid import uuid4

import httpx
import pytest

from backend.observability.catalogue import CONSUMER_DURATION, EVENT_FRESHNESS, HTTP_DURATION, Spec
from tests.fixtures.running import RunningStack, eventually

pytestmark = pytest.mark.stack

LATENCIES = (HTTP_DURATION, CONSUMER_DURATION, EVENT_FRESHNESS)


def _create_user(stack: RunningStack, request: str, trace: str) -> None:
    answer = httpx.post(
        f"{stack.url('gateway')}/v1/users",
        json={"email": f"{uuid4().hex}@example.org", "name": "Exemplary"},
        headers={
            "authorization": f"Bearer {stack.secret('service_token')}",
            "x-request-id": request,
            "traceparent": f"00-{trace}-00f067aa0ba902b7-01",
        },
    )
    # Refused where PostgreSQL stands still for a while; the next one may be taken.
    assert answer.status_code in (201, 503), answer.text


def _named(stack: RunningStack, spec: Spec, request: str) -> set[str]:
    """Return the traces that the metric's exemplars name together with this request."""
    now = time.time()
    asked = {"query": f"{spec.name}_bucket", "start": str(now - 120), "end": str(now + 5)}
    address = f"{stack.url('prometheus')}/api/v1/query_exemplars"
    series: list[dict[str, Any]] = httpx.get(address, params=asked).json()["data"]
    kept = [exemplar["labels"] for one in series for exemplar in one["exemplars"]]
    return {labels["trace_id"] for labels in kept if labels.get("request_id") == request}


def test_a_request_is_named_by_what_it_took(stack: RunningStack) -> None:
    request, trace = str(uuid4()), uuid4().hex

    def traces() -> list[set[str]]:
        # Not every observation carries one.
        _create_user(stack, request, trace)
        return [_named(stack, spec, request) for spec in LATENCIES]

    assert eventually(traces, all, "an exemplar in each histogram") == [{trace}] * 3
