"""What a preview says about a scaling."""

import pytest

from console.control.services.headroom import estimate
from console.control.services.scale_plan import Situation, preview, weighed
from deploy.driver import Bounds, Replica
from tests.fakes.replica_load import even_load

API = Bounds(minimum=1, maximum=16)


def _replicas(*ids: str, ready: bool = True) -> list[Replica]:
    return [Replica(id=name, role="api", ops_address="h:1", ready=ready) for name in ids]


def _api(*ids: str, busy: str | None = None) -> Situation:
    return Situation("api", len(ids), API, _replicas(*ids), busy)


def test_the_lowest_free_slots_start() -> None:
    assert preview(_api("api-1", "api-3"), 4).starts == ["api-2", "api-4"]


def test_the_highest_slots_stop_in_the_order_of_numbers() -> None:
    now = _api(*(f"api-{number}" for number in range(1, 12)))
    assert preview(now, 9).stops == ["api-10", "api-11"]


@pytest.mark.parametrize("count", [-1, 0, 17])
def test_out_of_bounds_starts_and_stops_nothing(count: int) -> None:
    plan = preview(_api("api-1", "api-2"), count)
    assert (plan.allowed, plan.starts, plan.stops) == (False, [], [])
    assert plan.notes == [f"api can have 1 to 16 replicas, not {count}."]


def test_a_role_that_is_being_scaled_is_not_scaled_again() -> None:
    plan = preview(_api("api-1", busy="api is being scaled already."), 2)
    assert not plan.allowed
    assert "being scaled already" in plan.notes[0]


def test_one_replica_left_is_said_to_be_a_risk() -> None:
    assert "One replica left: any restart is an outage." in preview(_api("api-1", "api-2"), 1).notes


@pytest.mark.parametrize(("count", "beyond"), [(3, False), (1, True)])
def test_more_than_the_limit_takes_an_anyway_only_where_replicas_leave(
    count: int, beyond: bool
) -> None:
    now = _api("api-1", "api-2")
    load = even_load(["api-1", "api-2"], cpu=1.5)
    plan = weighed(preview(now, count), estimate(load, ["api-1", "api-2"], count, 0.7))
    assert plan.anyway is beyond
    assert f"With {count}: " in plan.notes[-1]


def test_a_role_of_one_says_that_it_cannot_be_scaled() -> None:
    relay = Situation("relay", 1, Bounds(minimum=1, maximum=1), [])
    assert preview(relay, 2).notes == ["relay always has 1 replica: it cannot be scaled."]


def test_what_is_there_already_needs_no_scaling() -> None:
    plan = preview(_api("api-1", "api-2"), 2)
    assert (plan.allowed, plan.starts, plan.stops) == (False, [], [])
    assert plan.notes == ["Nothing changes: api has 2 already."]
