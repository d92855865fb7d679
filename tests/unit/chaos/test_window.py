"""What happened between two readings of the gateway's counters."""

import math

import pytest

from chaos.drill import Totals
from chaos.errors import BlindError
from chaos.probes.prometheus import Sample, totals_of
from chaos.probes.window import between, last_seconds, quantile
from tests.fakes.traffic import FakeTraffic


def reading(at: float, requests: float, failed: float = 0.0) -> Totals:
    return Totals(at, requests, failed, {0.1: requests, math.inf: requests})


def test_two_readings_give_exact_counts() -> None:
    window = between(reading(100.0, 5000, 2), reading(104.0, 5800, 5))
    assert (window.seconds, window.requests, window.failed) == (4.0, 800, 3)
    assert window.error_ratio == 3 / 800


def test_a_restarted_gateway_is_not_taken_for_a_quiet_one() -> None:
    with pytest.raises(BlindError, match="restarted"):
        between(reading(100.0, 5000), reading(104.0, 40))


def test_without_requests_there_is_neither_a_ratio_nor_a_quantile() -> None:
    window = between(reading(100.0, 5000), reading(104.0, 5000))
    assert window.error_ratio is None
    assert window.p99 is None


def test_the_last_seconds_end_at_the_newest_sample() -> None:
    assert last_seconds(FakeTraffic(rate=50), 4.0).requests == pytest.approx(200)


@pytest.mark.parametrize(
    ("buckets", "expected"),
    [
        ({}, None),
        ({0.1: 0, math.inf: 0}, None),
        ({0.1: 100, math.inf: 100}, 0.099),
        ({0.1: 50, 0.2: 100, math.inf: 100}, 0.198),
        ({0.1: 99, 0.2: 99, 0.5: 100, math.inf: 100}, 0.1),
        ({0.1: 10, 0.2: 20, math.inf: 100}, 0.2),
    ],
)
def test_a_quantile_is_estimated_as_prometheus_does(
    buckets: dict[float, float], expected: float | None
) -> None:
    found = quantile(0.99, buckets)
    assert found == (expected if expected is None else pytest.approx(expected))


def test_the_answers_of_all_listeners_are_added_up_in_seconds() -> None:
    samples = [
        Sample({"__name__": "envoy_http_downstream_rq_xx", "envoy_response_code_class": code}, n)
        for code, n in (("2", 90), ("4", 6), ("5", 4))
    ] + [Sample({"__name__": "envoy_http_downstream_rq_time_bucket", "le": "250"}, 100)]
    assert totals_of(samples, 7.0) == Totals(7.0, 100, 4, {0.25: 100})
