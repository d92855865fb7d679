"""The console's Prometheus client against the stack's own Prometheus."""

import socket
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from console.clients.failures import RejectedError, SourceAwayError
from console.clients.prometheus import PrometheusClient
from console.clients.queries import QUERIES, Query
from console.clients.readings import Window, curves, figures
from tests.fixtures.running import PATIENCE, RunningStack

SCRAPED = Query("scraped", 'sum(up{job="prometheus"})')


@pytest.fixture
def url(stack: RunningStack) -> str:
    return f"http://127.0.0.1:{stack.home.ports['prometheus']}"


@pytest.fixture
def prometheus(url: str, monkeypatch: pytest.MonkeyPatch) -> PrometheusClient:
    # What is claimed is what it is told, not how soon.
    monkeypatch.setattr("console.clients.prometheus.TIMEOUT", PATIENCE)
    return PrometheusClient(url)


@pytest.mark.stack
def test_a_number_is_what_prometheus_answers_to_the_same_query(
    prometheus: PrometheusClient, url: str
) -> None:
    now = datetime.now(UTC)
    asked = {"query": SCRAPED.promql, "time": str(now.timestamp())}
    plain = httpx.get(f"{url}/api/v1/query", params=asked).json()
    read = figures(prometheus, [SCRAPED], now)
    assert read == {"scraped": float(plain["data"]["result"][0]["value"][1])}


@pytest.mark.stack
@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_prometheus_understands_every_query(prometheus: PrometheusClient, query: Query) -> None:
    for sample in prometheus.query(query.promql, datetime.now(UTC)):
        assert sample.value is None or sample.value >= 0


@pytest.mark.stack
def test_a_ratio_of_nothing_is_none(prometheus: PrometheusClient) -> None:
    assert prometheus.query("vector(0) / 0", datetime.now(UTC))[0].value is None


@pytest.mark.stack
def test_a_curve_has_a_value_for_each_time_of_its_window(prometheus: PrometheusClient) -> None:
    window = Window.until(datetime.now(UTC), timedelta(seconds=60), 5)
    curve = curves(prometheus, Query("one", "vector(1)"), window, "job")[""]
    assert curve == [1.0] * len(window.times)


@pytest.mark.stack
def test_a_gap_stays_a_gap(prometheus: PrometheusClient) -> None:
    window = Window.until(datetime.now(UTC), timedelta(seconds=20), 5)
    hole = Query("hole", f"vector(1) and on() (vector(time()) != {window.times[1].timestamp()})")
    assert curves(prometheus, hole, window, "job")[""] == [1.0, None, 1.0, 1.0, 1.0]


@pytest.mark.stack
def test_what_is_no_promql_is_refused_with_prometheus_words(prometheus: PrometheusClient) -> None:
    with pytest.raises(RejectedError, match="parse error"):
        prometheus.query("sum(", datetime.now(UTC))


def test_nobody_at_the_address_is_an_outage_in_words() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        away = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(SourceAwayError, match="does not answer"):
            PrometheusClient(away).query("up", datetime.now(UTC))
