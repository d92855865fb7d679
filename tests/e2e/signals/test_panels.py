"""Every panel's queries on the live Prometheus, and what others say of the same time."""

import time
from collections.abc import Iterator

import httpx
import psutil
import pytest

from tests.e2e.panels import Loaded, line, lines, quantile, under_load
from tests.fixtures.running import RunningStack, eventually

pytestmark = pytest.mark.stack

LINES = [pytest.param(expr, after, id=where) for where, expr, after in lines()]


@pytest.fixture(scope="module")
def loaded(stack: RunningStack) -> Iterator[Loaded]:
    with under_load(stack) as found:
        yield found


def near(value: float, share: float = 0.15, least: float = 0.0) -> object:
    """Return what equals `value` to a share of it, for sources that look at other moments."""
    return pytest.approx(value, rel=share, abs=least)


@pytest.mark.parametrize(("expression", "after"), LINES)
def test_a_panels_query_is_answered(loaded: Loaded, expression: str, after: str) -> None:
    """Under load each has series, but for those that say what must happen first."""
    assert loaded.ask(expression) or after


def test_traffic_is_what_the_replicas_counted_and_the_generator_sent(loaded: Loaded) -> None:
    shown = loaded.ask(line("overview", "Requests", "requests"))[""]
    counted = loaded.last.requests.total() - loaded.first.requests.total()
    assert shown == near(counted / loaded.seconds)
    assert shown == near(loaded.summary["rate"], 0.2)


def test_statuses_are_those_that_the_replicas_counted(loaded: Loaded) -> None:
    shown = loaded.ask(line("overview", "Requests by status", "{{status}}"))
    counted = loaded.last.requests - loaded.first.requests
    frequent = {status: count for status, count in counted.items() if count > 20}
    assert frequent
    for status, count in frequent.items():
        assert shown[status] == near(count / loaded.seconds, least=1)


def test_errors_are_those_that_the_replicas_counted(loaded: Loaded) -> None:
    counted = loaded.last.requests - loaded.first.requests
    failed = sum(count for status, count in counted.items() if status >= "500")
    shown = loaded.ask(line("overview", "Error ratio", "errors"))[""]
    assert shown == near(failed / counted.total(), least=0.005)


@pytest.mark.parametrize(("legend", "share"), [("p50", 0.5), ("p95", 0.95)])
def test_latency_follows_from_the_replicas_own_buckets(
    loaded: Loaded, legend: str, share: float
) -> None:
    """To four ranks in a hundred: a scrape's moment decides about the requests at the edges."""
    shown = loaded.ask(line("overview", "Latency", legend))[""]
    least, most = quantile(share - 0.04, loaded.buckets), quantile(share + 0.04, loaded.buckets)
    assert least - 0.003 <= shown <= most + 0.003


def test_cpu_memory_and_files_are_what_the_system_says(loaded: Loaded) -> None:
    cpu = loaded.ask(line("replicas", "CPU", "{{instance}}"))
    memory = loaded.ask(line("replicas", "Memory", "{{instance}}"))
    files = loaded.ask(line("replicas", "File handles", "{{instance}}"))
    for replica in loaded.replicas:
        spent = loaded.last.cpu[replica.id] - loaded.first.cpu[replica.id]
        assert cpu[replica.id] == near(spent / loaded.seconds, 0.25, least=0.03)
        assert memory[replica.id] == near(psutil.Process(replica.pid).memory_info().rss)
        # Connections come and go, the more the slower the machine is.
        assert files[replica.id] == near(loaded.last.files[replica.id], 0.5)


def test_events_are_those_that_the_tables_hold(loaded: Loaded) -> None:
    """The tables are read some moments later than the counters, and speak for their own time."""
    stations = {"accepted": "accepted", "published": "published", "applied": "consumed"}
    for station, column in stations.items():
        shown = loaded.ask(line("overview", "From acceptance to the read model", station))[""]
        in_tables = loaded.last.events[column] - loaded.first.events[column]
        assert shown == near(in_tables / loaded.tables_seconds, 0.25)


def test_queues_and_their_consumers_are_those_of_the_broker(loaded: Loaded) -> None:
    broker = httpx.get(
        f"{loaded.stack.url('rabbitmq-management')}/api/queues",
        auth=("pharos", loaded.stack.secret("rabbitmq_password")),
    ).json()
    consumers = {queue["name"]: queue["consumers"] for queue in broker}
    asked = line("events", "Consumers by queue", "consumers")
    assert sum(consumers.values()) > 0
    # Of now: a scrape that fails takes a figure away, until the next one.
    eventually(lambda: loaded.ask(asked, time.time()), lambda shown: shown == consumers, asked)


def test_replicas_are_those_of_the_stack_and_of_the_gateway(loaded: Loaded) -> None:
    ready = sum(replica.ready for replica in loaded.replicas)
    asked = line("overview", "Wanted and ready", "{{role}} ready")
    eventually(
        lambda: loaded.ask(asked, time.time()).get("api"), lambda shown: shown == ready, asked
    )
    asked = line("dependencies", "Endpoints", "healthy")
    eventually(lambda: loaded.ask(asked, time.time()), lambda shown: shown == {"": ready}, asked)


def test_the_gateways_answers_are_what_the_generator_got(loaded: Loaded) -> None:
    answers = loaded.ask(
        line("dependencies", "Answers to clients", "{{envoy_response_code_class}}xx")
    )
    assert sum(answers.values()) == near(loaded.summary["rate"], 0.2)
