"""A drill over fakes, and a quick plan: the shipped experiment with its waits shortened."""

from copy import deepcopy
from pathlib import Path
from typing import Any

from chaos.drill import Drill
from chaos.journal import Journal
from chaos.runner.experiments import Plan, load
from chaos.signals.expected import Expected
from tests.fakes.driver import FakeDriver
from tests.fakes.traffic import FakeTraffic

QUICK = {"window": 1.0, "within": 1.5, "seconds": 1.1, "before_seconds": 5.0}


def fake_drill(
    folder: Path, driver: FakeDriver | None = None, traffic: FakeTraffic | None = None
) -> Drill:
    """Return a drill that has just begun; nobody listens at its gateway."""
    return Drill(
        run=folder.name,
        driver=driver or FakeDriver(),
        traffic=traffic or FakeTraffic(),
        gateway="http://127.0.0.1:1",
        journal=Journal(folder),
        poll_seconds=0.01,
    )


def expecting(*signals: Expected, plan: Plan | None = None) -> Plan:
    """Return a quick plan that also waits for these signals to come, and for alerts to resolve."""
    plan = plan or quick_plan()
    source = deepcopy(plan.source)
    source["method"] += [_waiting("seen"), _waiting("resolved")]
    return plan.model_copy(update={"source": source, "signals": list(signals)})


def _waiting(function: str) -> dict[str, Any]:
    provider = {"type": "python", "module": "chaos.probes.signals", "func": function}
    return {"type": "probe", "name": f"Signals are {function}", "provider": provider}


def quick_plan(name: str = "kill-replica", **arguments: Any) -> Plan:
    """Return an experiment whose steps wait about a second; `arguments` replace those of that name.

    The probe of the gateway itself is left out: no gateway runs here. So are its signals.
    """
    plan = load(name).model_copy(update={"signals": []})
    source = deepcopy(plan.source)
    hypothesis = source["steady-state-hypothesis"]
    hypothesis["probes"] = [
        probe for probe in hypothesis["probes"] if probe["provider"]["func"] != "answers"
    ]
    for activity in [*hypothesis["probes"], *source["method"], *source["rollbacks"]]:
        given = activity["provider"].get("arguments", {})
        given |= {key: value for key, value in (QUICK | arguments).items() if key in given}
    return plan.model_copy(update={"source": source})
