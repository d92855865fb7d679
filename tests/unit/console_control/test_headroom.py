"""Would fewer replicas carry the present load? The answer, its numbers, and what is not known."""

import pytest

from alerts.promql import bare_counters, misnamed
from console.control.services.headroom import HeadroomCheck, estimate
from console.control.services.replica_load import QUERY, Load
from deploy.driver import DriverUnavailableError
from tests.fakes.driver import FakeDriver
from tests.fakes.replica_load import even_load

LIMIT = 0.7


@pytest.mark.parametrize(
    ("cpu", "pool", "carries"),
    [(0.35, 0.1, "yes"), (0.36, 0.1, "no"), (0.1, 0.35, "yes"), (0.1, 0.36, "no")],
)
def test_whichever_is_used_up_first_decides_at_the_limit(
    cpu: float, pool: float, carries: str
) -> None:
    load = even_load(["api-1", "api-2"], cpu=cpu, pool=pool)
    assert estimate(load, ["api-1", "api-2"], 1, LIMIT).carries == carries


def test_the_numbers_now_and_then_are_told() -> None:
    load = even_load(["api-1", "api-2", "api-3"], requests=40.0, cpu=0.5, pool=0.2)
    answer = estimate(load, ["api-1", "api-2", "api-3"], 2, LIMIT)
    assert (answer.serving, answer.remaining, answer.per_second) == (3, 2, 120.0)
    assert answer.now is not None
    assert answer.then is not None
    assert (answer.now.cpu, answer.then.cpu) == pytest.approx((0.5, 0.75))
    assert answer.words == (
        "3 serve 120.0 requests/s now: 40.0 requests/s, 50% of a core and 20% of the pool each. "
        "With 2: 60.0 requests/s, 75% of a core and 30% of the pool each; the limit is 70% of "
        "either."
    )


def test_without_prometheus_it_is_not_known() -> None:
    answer = estimate(None, ["api-1", "api-2"], 1, LIMIT)
    assert (answer.carries, answer.now, answer.then) == ("unknown", None, None)
    assert "Prometheus does not say" in answer.words


def test_figures_of_others_alone_say_nothing_of_those_that_serve() -> None:
    gone = even_load(["api-3"], cpu=0.1, pool=0.1)
    assert estimate(gone, ["api-1", "api-2"], 1, LIMIT).carries == "unknown"


@pytest.mark.parametrize("remaining", [0, -1])
def test_nobody_left_is_no_even_without_prometheus(remaining: int) -> None:
    answer = estimate(None, ["api-1"], remaining, LIMIT)
    assert (answer.carries, answer.remaining) == ("no", 0)
    assert answer.words == "Nobody would be left to serve."


def test_one_that_is_not_measured_counts_as_much_as_the_others() -> None:
    load = even_load(["api-1"], cpu=0.4, pool=0.1)
    answer = estimate(load, ["api-1", "api-2"], 1, LIMIT)
    assert answer.carries == "no"
    assert answer.then is not None
    assert answer.then.cpu == pytest.approx(0.8)


def test_what_one_that_is_gone_carried_of_the_last_minute_is_carried_by_the_others() -> None:
    load = even_load(["api-1", "api-2", "api-3"], cpu=0.3, pool=0.1)
    answer = estimate(load, ["api-1", "api-2"], 1, LIMIT)
    assert answer.then is not None
    assert answer.then.cpu == pytest.approx(0.9)


def test_only_replicas_in_the_gateway_serve() -> None:
    driver = FakeDriver(api=3)
    driver.quarantine("api-3")
    load = even_load(["api-1", "api-2"], cpu=0.1, pool=0.1)
    check = HeadroomCheck(driver, lambda: load, LIMIT)
    assert (check.without(1).serving, check.without(1).remaining) == (2, 1)
    assert check.losing("api-3").remaining == 2
    assert check.losing("api-2", "api-3", "relay").remaining == 1


def test_a_dead_node_agent_is_an_error_and_no_answer() -> None:
    driver = FakeDriver()
    driver.unavailable = True
    with pytest.raises(DriverUnavailableError):
        HeadroomCheck(driver, Load, LIMIT).without()


def test_the_question_names_only_what_exists_and_reads_counters_as_rates() -> None:
    assert misnamed(QUERY) == []
    assert bare_counters(QUERY) == []
