"""Instruments come from the catalogue, and only from it."""

import pytest

from backend.observability.catalogue import (
    BUILD_INFO,
    CATALOGUE,
    HTTP_DURATION,
    HTTP_REQUESTS,
    LOG_LINES,
    OUTBOX_DEPTH,
    READY,
    Kind,
    Process,
    Spec,
)
from backend.observability.metrics import CatalogueError, Instruments


def _instruments() -> Instruments:
    return Instruments(Process.API, "1.2.3")


def test_a_spec_outside_the_catalogue_is_refused() -> None:
    stranger = Spec("pharos_stranger", Kind.GAUGE, "Not declared.", frozenset({Process.API}))
    with pytest.raises(CatalogueError, match="not in the catalogue"):
        _instruments().gauge(stranger)


def test_an_instrument_is_made_once() -> None:
    instruments = _instruments()
    instruments.gauge(READY)
    with pytest.raises(CatalogueError, match="made already"):
        instruments.gauge(READY)


def test_an_instrument_of_another_process_is_refused() -> None:
    with pytest.raises(CatalogueError, match="not declared for the process api"):
        _instruments().gauge(OUTBOX_DEPTH)


def test_an_instrument_of_another_kind_is_refused() -> None:
    with pytest.raises(CatalogueError, match="is a gauge"):
        _instruments().counter(READY)


def test_labels_are_those_of_the_spec() -> None:
    requests = _instruments().counter(HTTP_REQUESTS)
    with pytest.raises(ValueError, match="label"):
        requests.labels(path="/x")


def test_buckets_are_those_of_the_spec() -> None:
    instruments = _instruments()
    instruments.histogram(HTTP_DURATION).labels(route="/", method="GET").observe(0.06)
    text = instruments.exposition()[0].decode()
    assert all(f'le="{bucket}"' in text for bucket in HTTP_DURATION.buckets)


def test_plain_instruments_are_exposed_as_the_others_are() -> None:
    mine, theirs = _instruments(), _instruments()
    mine.numbers(HTTP_REQUESTS).labels(route="/", method="GET", status="200").inc()
    theirs.counter(HTTP_REQUESTS).labels(route="/", method="GET", status="200").inc()
    for instruments in (mine, theirs):
        instruments.gauge(READY).set(1)
    latencies, histogram = mine.latencies(HTTP_DURATION), theirs.histogram(HTTP_DURATION)
    for seconds in (0.001, 0.06, 90.0):
        latencies.labels(route="/", method="GET").observe(seconds)
        histogram.labels(route="/", method="GET").observe(seconds)
    assert _of_requests(mine) == _of_requests(theirs)


def _of_requests(instruments: Instruments) -> list[str]:
    text = instruments.exposition("application/openmetrics-text; version=1.0.0")[0].decode()
    return [line for line in text.splitlines() if "pharos_http_request" in line]


def test_labels_of_plain_instruments_are_those_of_the_spec() -> None:
    with pytest.raises(ValueError, match="has the labels"):
        _instruments().numbers(HTTP_REQUESTS).labels(path="/x")


def test_the_release_and_the_process_are_always_exposed() -> None:
    text = _instruments().exposition()[0].decode()
    assert f'{BUILD_INFO.name}{{version="1.2.3"}} 1.0' in text
    assert "process_cpu_seconds_total" in text


def test_counters_bring_no_created_series() -> None:
    instruments = _instruments()
    instruments.counter(HTTP_REQUESTS).labels(route="/", method="GET", status="200").inc()
    assert b"_created" not in instruments.exposition()[0]


def test_openmetrics_is_served_to_who_asks_for_it() -> None:
    body, content_type = _instruments().exposition("application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text")
    assert body.endswith(b"# EOF\n")


@pytest.mark.parametrize("process", Process)
def test_every_process_can_make_all_that_is_declared_for_it(process: Process) -> None:
    instruments = Instruments(process, "1")
    makers = {
        Kind.COUNTER: instruments.counter,
        Kind.GAUGE: instruments.gauge,
        Kind.HISTOGRAM: instruments.histogram,
    }
    for spec in CATALOGUE:
        if process in spec.processes and spec not in (BUILD_INFO, LOG_LINES):
            makers[spec.kind](spec)


def test_names_are_unique_and_say_their_unit_or_kind() -> None:
    names = [spec.name for spec in CATALOGUE]
    assert len(set(names)) == len(names)
    assert all(spec.name.endswith("_total") for spec in CATALOGUE if spec.kind is Kind.COUNTER)
    assert all(spec.name.endswith("_seconds") for spec in CATALOGUE if spec.kind is Kind.HISTOGRAM)
