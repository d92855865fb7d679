"""Whom the faults of an experiment aim at, read from its method before anything is hit.

A fault names its target; what has none, such as taking a fault back, aims at nobody.
Traffic names none: it goes where the users' goes. Who asks without a node agent kills
that, whichever role is asked for.
"""

from chaos.runner.format import Activity
from chaos.schemas import Hit
from deploy.faults.kinds import AGENT, GATEWAY

FAULTS = "chaos.faults."
TRAFFIC = "chaos.faults.traffic"
ASKING = "chaos.faults.asking"
# What is hit by one of these serves nothing, or next to nothing, while it lasts.
TAKES_AWAY = frozenset(
    {
        "kill",
        "terminate",
        "pause",
        "stray-stop",
        "down",
        "cut-off",
        "failing-readiness",
        "blocked-loop",
    }
)
EACH = "_each"


def hits_of(method: list[Activity]) -> list[Hit]:
    """Return one hit for each different aim, in the order of the method."""
    found = [hit for activity in method if (hit := _hit(activity)) is not None]
    return list(dict.fromkeys(found))


def _hit(activity: Activity) -> Hit | None:
    provider = activity.provider
    if provider.module == TRAFFIC:
        return Hit(target=GATEWAY)
    if provider.module == ASKING:
        return Hit(target=AGENT, takes_away=True)
    target = provider.arguments.get("target")
    if not provider.module.startswith(FAULTS) or not isinstance(target, str):
        return None
    inner = provider.arguments.get("arguments")
    return Hit(
        target=target,
        each=provider.func.endswith(EACH),
        takes_away=provider.arguments.get("kind") in TAKES_AWAY,
        allow_last=isinstance(inner, dict) and inner.get("allow_last") is True,
    )
