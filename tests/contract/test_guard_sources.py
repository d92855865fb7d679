"""What the guards ask of Prometheus: the stand-in and the stack's own answer alike."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from console.control.budgets import Budgets
from console.control.rule_alerts import RuleAlerts
from tests.fakes.told_prometheus import ToldPrometheus
from tests.fixtures.running import PATIENCE, RunningStack
from tests.fixtures.stack import free_ports


@pytest.fixture(params=["stand-in", pytest.param("real", marks=pytest.mark.stack)])
def url(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    # What is claimed is what they are told, not how soon.
    for room in ("budgets", "rule_alerts"):
        monkeypatch.setattr(f"console.control.{room}.TIMEOUT", PATIENCE)
    with ExitStack() as end:
        if request.param == "real":
            stack: RunningStack = request.getfixturevalue("stack")
            port = stack.home.ports["prometheus"]
        else:
            port = free_ports()["prometheus"]
            told = ToldPrometheus(budgets={"api-latency": {"left": 1, "samples": 4, "total": 9}})
            told.fire("Watchdog", "none")
            end.enter_context(told.serving(port))
        yield f"http://127.0.0.1:{port}"


def test_each_objective_has_a_budget_of_at_most_all(url: str) -> None:
    budgets = Budgets(url)
    found = {each.slo.name: each.left for each in budgets.now()}
    budgets.close()
    assert len(found) == 4
    assert all(share <= 1 for share in found.values())


def test_what_fires_has_a_name_a_severity_and_a_beginning(url: str) -> None:
    rules = RuleAlerts(url)
    watchdog = next(each for each in rules.now() if each.name == "Watchdog")
    rules.close()
    assert (watchdog.state, watchdog.labels["severity"]) == ("firing", "none")
    assert watchdog.alert().starts_at == watchdog.active_at
