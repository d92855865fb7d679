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
# What comes back is seen at the second look, which a process that stood still has late.
RECOVERY = {"within": 30.0}


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


def leased_plan(
    kind: str = "pause", target: str = "api", lease_seconds: float = 30.0, inject: str = "inject"
) -> Plan:
    """Return a quick plan whose fault is under a lease and is taken back in the method.

    `inject` names the activity that makes it.
    """
    plan = quick_plan()
    source = deepcopy(plan.source)
    wanted = {"kind": kind, "target": target, "lease_seconds": lease_seconds}
    source["method"] = [
        _step("action", "chaos.faults.leased", inject, **wanted),
        _step("probe", "chaos.probes.signals", "seen"),
        _step("action", "chaos.faults.leased", "revert"),
        _step("probe", "chaos.probes.recovery", "recovered", within=2.0),
        _step("probe", "chaos.probes.impact", "felt", before_seconds=5.0),
    ]
    source["rollbacks"] = [_step("action", "chaos.faults.leased", "nothing_left", within=1.0)]
    return plan.model_copy(update={"source": source})


def _step(kind: str, module: str, function: str, /, **arguments: Any) -> dict[str, Any]:
    provider = {"type": "python", "module": module, "func": function, "arguments": arguments}
    return {"type": kind, "name": function, "provider": provider}


def expecting(*signals: Expected, plan: Plan | None = None) -> Plan:
    """Return a quick plan that also waits for these signals to come, and for alerts to resolve."""
    plan = plan or quick_plan()
    source = deepcopy(plan.source)
    source["method"] += [
        _step("probe", "chaos.probes.signals", name) for name in ("seen", "resolved")
    ]
    return plan.model_copy(update={"source": source, "signals": list(signals)})


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
        waits = QUICK | (RECOVERY if activity in source["method"] else {}) | arguments
        given = activity["provider"].get("arguments", {})
        given |= {key: value for key, value in waits.items() if key in given}
    return plan.model_copy(update={"source": source})
