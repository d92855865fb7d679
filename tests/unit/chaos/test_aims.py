"""Whom an experiment hits, read from its method."""

from typing import Any

import pytest

from chaos.runner.aims import hits_of
from chaos.runner.experiments import load_all
from chaos.runner.format import Activity
from chaos.schemas import Hit


def _step(func: str, /, module: str = "chaos.faults.leased", **arguments: Any) -> Activity:
    provider = {"type": "python", "module": module, "func": func, "arguments": arguments}
    return Activity.model_validate({"type": "action", "name": func, "provider": provider})


@pytest.mark.parametrize(
    ("step", "hit"),
    [
        (
            _step("inject", kind="kill", target="api"),
            Hit(target="api", takes_away=True),
        ),
        (_step("inject", kind="latency", target="api"), Hit(target="api")),
        (_step("inject", kind="pause", target="redis"), Hit(target="redis", takes_away=True)),
        (
            _step("inject_each", kind="pause", target="api", arguments={"allow_last": True}),
            Hit(target="api", each=True, takes_away=True, allow_last=True),
        ),
        (
            _step("scale_without_agent", "chaos.faults.asking", role="api", failures=5),
            Hit(target="agent", takes_away=True),
        ),
        (_step("surge", "chaos.faults.traffic", a_second=60), Hit(target="gateway")),
    ],
)
def test_a_fault_s_aim_is_read_from_its_arguments(step: Activity, hit: Hit) -> None:
    assert hits_of([step]) == [hit]


def test_what_aims_at_nobody_hits_nobody_and_a_repeated_hit_is_one() -> None:
    kill = _step("inject", kind="kill", target="relay")
    settled = _step("settled", "chaos.probes.replicas", role="api")
    assert hits_of([kill, settled, _step("revert"), kill]) == [Hit(target="relay", takes_away=True)]


@pytest.mark.parametrize("plan", load_all(), ids=lambda plan: plan.experiment.name)
def test_every_experiment_says_whom_it_hits(plan: Any) -> None:
    assert plan.experiment.hits
