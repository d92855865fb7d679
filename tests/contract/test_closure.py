"""Every process of ours exposes what the catalogue declares for it, all of it, and no more.

Under traffic, and when somebody tries to make it more.
"""

import httpx
import pytest

from backend.observability.catalogue import (
    ERROR_TRACKER_UP,
    HTTP_REQUESTS,
    LOG_SHIPPING_LAG,
    Process,
)
from tests.contract.hostile import assail
from tests.contract.scraping import declared, faults, scrape
from tests.fixtures.running import RunningStack

pytestmark = pytest.mark.stack

SCRAPED = [process for process in Process if process is not Process.DRILL]
# Exposed where logs are shipped or a tracker is configured; this stack has neither.
WHERE_CONFIGURED = {ERROR_TRACKER_UP.name, LOG_SHIPPING_LAG.name}
HOSTILE_REQUESTS = 10_000


@pytest.fixture(scope="module")
def busy(stack: RunningStack) -> RunningStack:
    """The stack after some of everything: users, events, a refusal, an action, a page."""
    answer = stack.run("load", "--rate", "20", "--duration", "3")
    # 1 where a request failed: on a machine that stands still for a while one may, and counts too.
    assert answer.returncode in (0, 1), answer.stderr
    stack.run("scale", "api", "99", "--reason", "more than there may be")
    httpx.get(f"{stack.url('gateway')}/v1/users/none")
    return stack


@pytest.mark.parametrize("process", SCRAPED)
def test_a_process_exposes_what_is_declared_for_it_and_nothing_else(
    busy: RunningStack, process: Process
) -> None:
    exposed, wanted = scrape(busy, process).keys(), declared(process).keys()
    assert wanted - exposed - WHERE_CONFIGURED == set()
    assert exposed - wanted == set()


@pytest.mark.parametrize("process", SCRAPED)
def test_types_help_labels_values_and_budgets_are_those_declared(
    busy: RunningStack, process: Process
) -> None:
    specs = declared(process)
    families = scrape(busy, process)
    assert [fault for name in families for fault in faults(specs[name], families[name])] == []


@pytest.mark.parametrize("way", ["replica", "gateway"])
async def test_no_caller_can_add_series_beyond_the_budgets(busy: RunningStack, way: str) -> None:
    replica = busy.replicas()[0].address
    assert replica is not None
    port = busy.home.ports["gateway"] if way == "gateway" else int(replica.rpartition(":")[2])
    statuses = await assail(port, HOSTILE_REQUESTS, seed=len(way))
    assert sum(statuses.values()) == HOSTILE_REQUESTS
    assert statuses["404"] > HOSTILE_REQUESTS / 10
    specs, families = declared(Process.API), scrape(busy, Process.API)
    assert [fault for name in families for fault in faults(specs[name], families[name])] == []
    # Far below the budget: what came was one route that does not exist, and a few refusals.
    assert len(families[HTTP_REQUESTS.name].samples) < 120


def test_a_difference_would_be_found(busy: RunningStack) -> None:
    family = scrape(busy, Process.API)[HTTP_REQUESTS.name]
    family.add_sample(HTTP_REQUESTS.name, {"route": "/x", "method": "BREW", "status": "200"}, 1.0)
    family.add_sample(HTTP_REQUESTS.name, {"path": "/x"}, 1.0)
    found = "; ".join(faults(HTTP_REQUESTS, family))
    assert "method='BREW'" in found
    assert "labels ['path']" in found
