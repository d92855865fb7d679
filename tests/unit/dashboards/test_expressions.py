"""Expressions can be made from the catalogue only, and only as their kind allows."""

from collections.abc import Callable

import pytest

from backend.observability.catalogue import (
    ALERTS,
    GATEWAY_RETRIES,
    HTTP_DURATION,
    HTTP_REQUESTS,
    OUTBOX_DEPTH,
    UP,
)
from dashboards.expressions import UnknownNameError, or_none, or_zero, per_second, quantile, value

TARGET = 'job=~"$job",instance=~"$instance"'


def test_a_counter_is_read_as_a_rate() -> None:
    assert per_second(HTTP_REQUESTS, ("status",)) == (
        f"sum by (status) (rate(pharos_http_requests_total{{{TARGET}}}[$__rate_interval]))"
    )


def test_a_quantile_keeps_the_buckets_bounds() -> None:
    assert quantile(HTTP_DURATION, 0.99, ("instance",)).startswith(
        "histogram_quantile(0.99, sum by (le, instance) (rate("
    )


def test_a_further_matcher_joins_the_variables() -> None:
    assert per_second(HTTP_REQUESTS, where='status="500"') == (
        f'sum (rate(pharos_http_requests_total{{{TARGET},status="500"}}[$__rate_interval]))'
    )


def test_metrics_of_other_programs_follow_the_variables_too() -> None:
    assert value(UP, ("job",)) == f"sum by (job) (up{{{TARGET}}})"


def test_what_rules_make_has_no_target_that_variables_could_choose() -> None:
    assert value(ALERTS, where='alertstate="firing"') == 'sum (ALERTS{alertstate="firing"})'


def test_what_never_happened_is_zero_only_where_somebody_measures() -> None:
    assert or_zero("failed", "all") == "(failed or 0 * all)"
    assert or_none("firing") == "(firing or vector(0))"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: value(HTTP_REQUESTS),
        lambda: per_second(OUTBOX_DEPTH),
        lambda: quantile(HTTP_REQUESTS, 0.5),
        lambda: per_second(HTTP_REQUESTS, ("code",)),
        lambda: value(OUTBOX_DEPTH, by=("queue",)),
        lambda: value(GATEWAY_RETRIES),
        lambda: value(UP, ("route",)),
        lambda: per_second(HTTP_REQUESTS, where='code="500"'),
        lambda: per_second(HTTP_REQUESTS, where='status="500"} or up{'),
    ],
)
def test_what_does_not_exist_cannot_be_asked_for(wrong: Callable[[], str]) -> None:
    with pytest.raises(UnknownNameError):
        wrong()
