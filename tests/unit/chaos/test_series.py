"""Whether a process' metrics keep to the series that the catalogue allows them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.observability.catalogue import CATALOGUE, Process
from chaos.drill import Drill, entered
from chaos.errors import BlindError
from chaos.probes.series import within_budgets
from tests.fakes.drills import fake_drill

API = [spec for spec in CATALOGUE if Process.API in spec.processes and spec.labels]


class Counted:
    """So many series a metric of ours: none, but where a test says."""

    def __init__(self, **series: float) -> None:
        self.series = series

    def number(self, promql: str, at: float | None = None) -> float:  # noqa: ARG002
        assert 'job="api"' in promql
        return next((n for name, n in self.series.items() if f'"{name}(' in promql), 0.0)


@pytest.fixture
def drill(tmp_path: Path) -> Iterator[Drill]:
    with entered(fake_drill(tmp_path)) as drill:
        yield drill


def test_as_many_series_as_the_budget_are_within_it(drill: Drill) -> None:
    drill.numbers = Counted(**{spec.name: spec.budget for spec in API})
    assert within_budgets("api") is True
    assert drill.facts.take_readings()[0].startswith(f"each of {len(API)} metrics is within")


def test_one_series_more_is_said_with_both_numbers(drill: Drill) -> None:
    spec = API[0]
    drill.numbers = Counted(**{spec.name: spec.budget + 1})
    assert within_budgets("api") is False
    words = f"{spec.name} has {spec.budget + 1} series, {spec.budget} are allowed"
    assert drill.facts.take_readings() == [words]


def test_a_process_that_is_not_scraped_is_not_within_its_budget(drill: Drill) -> None:
    drill.numbers = Counted()
    with pytest.raises(BlindError, match="no metric of ours from api"):
        within_budgets("api")


def test_without_prometheus_nothing_is_known(drill: Drill) -> None:
    with pytest.raises(BlindError):
        within_budgets("api")


def test_an_unknown_process_is_a_fault_of_the_experiment() -> None:
    check = within_budgets.check  # type: ignore[attr-defined]
    assert list(check(job="api")) == []
    assert "name one of" in next(iter(check(job="cashier")))[1]
