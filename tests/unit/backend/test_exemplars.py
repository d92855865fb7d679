"""A latency's bar leads to one request in it, at a bounded cost."""

import pytest

from backend.observability.catalogue import HTTP_REQUESTS, Process
from backend.observability.context import working_on
from backend.observability.exemplars import Observations, exemplar_at_hand
from backend.observability.metrics import Instruments
from backend.observability.requests import RequestMetrics

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
OPENMETRICS = "application/openmetrics-text; version=1.0.0"


class Histogram:
    """Remembers what it was given."""

    def __init__(self) -> None:
        self.seen: list[tuple[float, dict[str, str] | None]] = []

    def observe(self, amount: float, exemplar: dict[str, str] | None = None) -> None:
        self.seen.append((amount, exemplar))


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
    histogram = Histogram()
    series = Observations(histogram)  # type: ignore[arg-type]
    with working_on("abc"):
        for seconds in (0.01, 0.01, 0.5, 0.5):
            series.observe(seconds)
        now += 1.0
        series.observe(0.01)
    assert [made is not None for _, made in histogram.seen] == [True, False, True, False, True]


def test_requests_are_counted_and_the_slow_one_is_named() -> None:
    instruments = Instruments(Process.API, "test")
    metrics = RequestMetrics(instruments)
    with working_on("abc", PARENT):
        metrics.answered("/v1/users", "GET", 200, 0.01)
        metrics.answered("/v1/users", "GET", 503, 0.3)
    text = instruments.exposition(OPENMETRICS)[0].decode()
    (slow,) = [line for line in text.splitlines() if 'le="0.5",method="GET",route="/v1' in line]
    assert f'# {{request_id="abc",trace_id="{TRACE}"}} 0.3' in slow
    assert f'{HTTP_REQUESTS.name}{{method="GET",route="/v1/users",status="503"}} 1.0' in text
