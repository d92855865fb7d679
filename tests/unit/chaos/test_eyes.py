"""A drill sees what users feel though Prometheus is away: it asks the gateway itself."""

from collections.abc import Iterator

import pytest

from chaos.drill import Totals
from chaos.errors import BlindError, NoSampleError
from chaos.probes import eyes
from chaos.probes.eyes import GatewayReader, TwoEyes
from tests.fakes.gateway_stats import Counters, gateway_stats
from tests.fakes.traffic import FakeTraffic
from tests.fixtures.running import eventually


class Hanging(FakeTraffic):
    """A Prometheus that does not answer; counts how often it was asked."""

    asked = 0

    def totals(self, at: float | None = None) -> Totals:  # noqa: ARG002
        self.asked += 1
        raise BlindError("Prometheus cannot be asked: timed out")


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[GatewayReader, Counters]]:
    monkeypatch.setattr(eyes, "EVERY", 0.05)
    with gateway_stats() as (url, counters):
        counters.good, counters.failed = 90, 10
        reader = GatewayReader(url)
        with reader.reading():
            eventually(lambda: seen(reader), bool, "a first reading")
            yield reader, counters


def seen(reader: GatewayReader) -> Totals | None:
    try:
        return reader.totals()
    except BlindError:
        return None


def test_users_requests_are_counted_and_nobody_else_s(
    gateway: tuple[GatewayReader, Counters],
) -> None:
    totals = TwoEyes(Hanging(), gateway[0]).totals()
    assert (totals.requests, totals.failed) == (100, 10)
    assert totals.buckets == {0.1: 90, float("inf"): 100}


def test_an_earlier_reading_is_the_one_of_that_time(
    gateway: tuple[GatewayReader, Counters],
) -> None:
    reader, counters = gateway
    earlier = reader.totals()
    assert earlier.requests == 100
    counters.good = 190
    eventually(reader.totals, lambda now: now.requests == 200, "a later reading")
    assert reader.totals(earlier.at) == earlier
    with pytest.raises(NoSampleError):
        reader.totals(earlier.at - 600)


def test_while_prometheus_answers_it_is_the_one_that_is_asked(
    gateway: tuple[GatewayReader, Counters],
) -> None:
    prometheus = FakeTraffic(rate=50)
    assert TwoEyes(prometheus, gateway[0]).totals().requests != 100


def test_one_that_hangs_is_not_asked_with_every_look(
    gateway: tuple[GatewayReader, Counters],
) -> None:
    prometheus = Hanging()
    traffic = TwoEyes(prometheus, gateway[0])
    for _ in range(5):
        traffic.totals()
    assert prometheus.asked == 1


def test_with_both_away_it_is_said_that_nothing_is_seen(
    gateway: tuple[GatewayReader, Counters], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, counters = gateway
    counters.away = True
    monkeypatch.setattr(eyes, "FRESH", 0.0)
    with pytest.raises(BlindError, match=r"timed out; .*503"):
        eventually(lambda: blind(reader), bool, "nothing read")


def blind(reader: GatewayReader) -> bool:
    try:
        TwoEyes(Hanging(), reader).totals()
    except BlindError as error:
        if "503" in str(error):
            raise
    return False
