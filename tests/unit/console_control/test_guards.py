"""Guards over a driver in memory: whom a drill may hit, and what a budget allows."""

from decimal import Decimal

import pytest

from alerts.objectives.document import load_slos
from alerts.objectives.recordings import STEP
from console.control.budgets import DAY, left, question
from console.control.services.guards.blast_radius import BlastRadius
from console.control.services.guards.guard import Answer, Asked
from console.control.services.guards.profiles import PROFILES
from console.schemas import Experiment, GuardProfile, Hit
from tests.fakes.driver import FakeDriver

AVAILABILITY = next(slo for slo in load_slos() if slo.name == "api-availability")


def _asked(hit: Hit, profile: GuardProfile = "standard") -> Asked:
    experiment = Experiment(
        name="one",
        title="one",
        description="one",
        hypothesis=[],
        action=[],
        blast_radius="one",
        rollback="none",
        hits=[hit],
    )
    return Asked(experiment, profile, [])


def _ask(driver: FakeDriver, hit: Hit, profile: GuardProfile = "standard") -> Answer:
    return BlastRadius(driver)(_asked(hit, profile))


@pytest.mark.parametrize(
    ("count", "target", "answer"),
    [
        (2, "api", "ok"),
        (1, "api", "refused"),
        # It serves nobody directly, and there is never a second one: events wait for it.
        (1, "relay", "ok"),
        # No replica is hit, so it does not matter how many there are.
        (1, "postgres", "ok"),
    ],
)
def test_the_last_replica_that_serves_requests_is_never_hit(
    count: int, target: str, answer: str
) -> None:
    for takes_away in (True, False):
        said = _ask(FakeDriver(api=count), Hit(target=target, takes_away=takes_away))
        assert said.answer == answer, said


def test_one_that_is_put_aside_serves_nobody_so_the_fleet_is_not_whole() -> None:
    driver = FakeDriver(api=3)
    driver.quarantine("api-2")
    said = _ask(driver, Hit(target="redis"))
    assert (said.answer, "api 2 of 3 (api-2 in quarantine)" in said.reason) == ("refused", True)


def test_nothing_starts_while_a_replica_of_any_role_is_away() -> None:
    driver = FakeDriver()
    driver.stuck = {"api-3"}
    driver.scale("api", 3)
    assert _ask(driver, Hit(target="worker")).answer == "refused"


@pytest.mark.parametrize(
    ("hit", "profile", "answer"),
    [
        (Hit(target="api", each=True, takes_away=True, allow_last=True), "standard", "refused"),
        (Hit(target="api", each=True, takes_away=True, allow_last=True), "game-day", "ok"),
        (Hit(target="api", each=True, takes_away=True), "game-day", "refused"),
        (Hit(target="api", each=True), "standard", "ok"),
    ],
)
def test_only_a_game_day_takes_every_replica_and_only_where_the_experiment_says_so(
    hit: Hit, profile: GuardProfile, answer: str
) -> None:
    assert _ask(FakeDriver(), hit, profile).answer == answer


def test_a_game_day_leaves_out_what_its_own_drills_disturb() -> None:
    left_out = set(PROFILES["standard"]) - set(PROFILES["game-day"])
    assert left_out == {"page-firing", "budget-left"}
    assert set(PROFILES["game-day"]) < set(PROFILES["standard"])


def _figures(*, days: float, ratio: float, per_second: float = 50.0) -> dict[str, float]:
    """Return the figures of a stack that has run `days`, with this share of failures."""
    samples = days * DAY / STEP
    spent = Decimal(str(ratio)) / AVAILABILITY.budget
    return {"left": float(1 - spent), "samples": samples, "total": samples * per_second}


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({}, 1.0),
        # The budget is for thirty days: a bad minute of a young stack is a bad minute of them.
        (_figures(days=1 / 1440, ratio=1.0), 0.769),
        (_figures(days=30, ratio=0.00005), 0.5),
        (_figures(days=30, ratio=0.0003), -2.0),
        # Four failures are less than what an alert would call anybody for.
        (_figures(days=30, ratio=0.9, per_second=4 / 0.9 / 30 / DAY), 1.0),
    ],
)
def test_a_budget_is_what_the_whole_window_allows(
    figures: dict[str, float], expected: float
) -> None:
    assert left(AVAILABILITY, figures) == pytest.approx(expected, abs=0.001)


def test_every_objective_is_asked_for_over_its_own_window() -> None:
    asked = question(load_slos())
    assert all(f'{{slo="{slo.name}"}}[{slo.window}]' in asked for slo in load_slos())
