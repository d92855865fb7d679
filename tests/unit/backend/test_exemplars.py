"""A latency's bar leads to one request in it, at a bounded cost."""

import logging

import pytest

from backend.observability.catalogue import HTTP_REQUESTS, Process
from backend.observability.context import working_on
from backend.observability.exemplars import Exemplars, exemplar_at_hand
from backend.observability.metrics import Instruments
from backend.observability.plain import Observations
from backend.observability.requests import Requests

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
OPENMETRICS = "application/openmetrics-text; version=1.0.0"


def test_it_names_the_trace_and_the_request() -> None:
    with working_on("abc", PARENT):
        assert exemplar_at_hand() == {"trace_id": TRACE, "request_id": "abc"}
    assert exemplar_at_hand() is None


def test_a_request_id_beyond_the_format_s_room_is_left_out() -> None:
    with working_on("x" * 128, PARENT):
        assert exemplar_at_hand() == {"trace_id": TRACE}


def test_one_a_second_is_made_of_the_fast_and_one_of_the_slow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr("backend.observability.exemplars.time.monotonic", lambda: now)
    made = []
    series = Exemplars(1)
    with working_on("abc"):
        for seconds, later in ((0.01, 0), (0.01, 0), (0.5, 0), (0.5, 0), (0.01, 1)):
            now += later
            before = series.kept[0]
            series.offer(0, seconds)
            made.append(series.kept[0] is not before)
    assert made == [True, False, True, False, True]


def test_a_bucket_holds_what_is_at_most_its_bound() -> None:
    series = Observations((0.1, 0.5))
    for seconds in (0.05, 0.1, 0.3, 2.0):
        series.observe(seconds)
    counts, total = series.read()
    assert counts == [2, 3, 4]
    assert total == pytest.approx(2.45)


def test_requests_are_counted_and_the_slow_one_is_named() -> None:
    instruments = Instruments(Process.API, "test")
    requests = Requests(instruments, logging.getLogger("backend.test"))
    with working_on("abc", PARENT):
        requests.answered("/v1/users", "GET", 200, 0.01, {})
        requests.answered("/v1/users", "GET", 503, 0.3, {})
    text = instruments.exposition(OPENMETRICS)[0].decode()
    (slow,) = [line for line in text.splitlines() if 'le="0.5",method="GET",route="/v1' in line]
    assert f'# {{request_id="abc",trace_id="{TRACE}"}} 0.3' in slow
    assert f'{HTTP_REQUESTS.name}{{method="GET",route="/v1/users",status="503"}} 1.0' in text
