"""Every query of a runbook is run by the real Prometheus, and finds what the page promises."""

from uuid import uuid4

import httpx
import pytest

from alerts.rulebook import RUNBOOKS, RunbookQuery, runbook_queries
from tests.fixtures.running import RunningStack, eventually

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("asked_once")]

QUERIES = [
    pytest.param(query, id=f"{page.stem} {query.promql}")
    for page in sorted(RUNBOOKS.glob("*.md"))
    for query in runbook_queries(page)
]
# Budgets are recorded every two minutes; whoever asks after the first time does not wait.
RECORDED_WITHIN = 150
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def asked_once(stack: RunningStack) -> None:
    """Requests, events and look-ups in the cache are counted by label from the first one on."""
    users = f"{stack.url('gateway')}/v1/users"
    headers = {"Authorization": f"Bearer {stack.secret('service_token')}"}
    person = {"email": f"runbook-{uuid4().hex}@pharos-suite.org", "name": "Runbook"}
    httpx.post(users, json=person, headers=headers, timeout=15).raise_for_status()
    for path in ("", f"/{NOBODY}"):
        httpx.get(f"{users}{path}", timeout=15)


@pytest.mark.parametrize("query", QUERIES)
def test_a_runbook_s_query_finds_something(stack: RunningStack, query: RunbookQuery) -> None:
    def found() -> list[object]:
        # A rate needs a counter that moves between two scrapes.
        httpx.get(f"{stack.url('gateway')}/v1/users/{NOBODY}", timeout=15)
        address = f"{stack.url('prometheus')}/api/v1/query"
        answer = httpx.get(address, params={"query": query.promql}).json()
        assert answer["status"] == "success", answer
        series: list[object] = answer["data"]["result"]
        return series

    if query.empty_when_well:
        found()
    else:
        eventually(found, bool, query.promql, seconds=RECORDED_WITHIN)
