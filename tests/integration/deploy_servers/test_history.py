"""The second Prometheus, real: each of its starts begins with a history written anew."""

import httpx
import pytest

from alerts.objectives.recordings import STEP
from deploy.home import Home
from deploy.local.acquire import Programs
from deploy.local.component import Component
from deploy.local.servers.history import component
from deploy.prometheus.history import DAY
from deploy.prometheus.targets import targets_file, write_targets
from tests.fixtures.running import PATIENCE
from tests.integration.deploy_servers.running import running, wait_for

COUNTED = 'count_over_time(slo:sli_total:rate1m{slo="api-latency"}[1d])'


@pytest.fixture
def part(home: Home, programs: Programs, monkeypatch: pytest.MonkeyPatch) -> Component:
    """Return its component; its process finds the programs where `programs` put them."""
    write_targets(targets_file(home, "api"), {})
    monkeypatch.setenv("PHAROS_HOME", str(home.root))
    monkeypatch.setenv("PHAROS_PORT_BASE", str(home.ports.base))
    return component(home)


def _samples(home: Home) -> float:
    url = f"http://127.0.0.1:{home.ports['history']}/api/v1/query"
    answer = httpx.get(url, params={"query": COUNTED}, timeout=PATIENCE).raise_for_status()
    rows = answer.json()["data"]["result"]
    return float(rows[0]["value"][1]) if rows else 0.0


def test_each_start_begins_with_one_history_that_ends_now(home: Home, part: Component) -> None:
    for _ in range(2):
        with running(part):
            wait_for(lambda: _samples(home), "the history to be there")
            # One more or less, by where the query falls between two of them.
            assert _samples(home) == pytest.approx(DAY / STEP, abs=5)
