"""Writes a fresh history for the slow burn-rate alerts, which a fault of the drill then tips.

What the second Prometheus remembers begins anew with each of its starts
(`deploy.local.history`), so it is killed, and waited for until it has its own
say about the windows.
"""

import time
from contextlib import suppress

from backend.observability.catalogue import ERROR_RATIOS
from chaos.drill import Drill, activity, current
from chaos.errors import ActivityError, BlindError
from deploy.faults import FaultClientError
from deploy.faults.kinds import ProcessInjection

HISTORY = "history"
# Recorded each minute, and by none but the rules that then look at the whole history.
RECORDED = f"min(timestamp({ERROR_RATIOS['2h'].name}))"


@activity
def written(within: float) -> str:
    """Let the history be written anew, up to now; waits up to `within` seconds for its windows.

    Raises:
        ActivityError: there is no second Prometheus, or it is not ready in time.
    """
    drill = current()
    began = time.time()
    killing = ProcessInjection(id=f"{drill.run}-history", kind="kill", target=HISTORY)
    try:
        drill.places.agent().inject(killing)
    except (FaultClientError, FileNotFoundError) as error:
        raise ActivityError(f"the history was not written anew: {error}") from error
    for _ in drill.poll_until(within):
        if _recorded_at(drill) > began:
            return "the history is written"
    raise ActivityError(f"the history was not there within {within:g} s")


def _recorded_at(drill: Drill) -> float:
    with suppress(BlindError):
        return drill.history.number(RECORDED)
    return 0.0
