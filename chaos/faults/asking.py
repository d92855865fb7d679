"""Makes what operators ask of the control service fail, by asking while nobody can do it."""

from chaos.client import ControlError, ControlRefusedError
from chaos.drill import Drill, activity, current
from chaos.errors import ActivityError
from chaos.faults.leased import inject
from deploy.faults.kinds import AGENT

PAUSE_SECONDS = 0.1


@activity
def scale_without_agent(role: str, failures: int) -> str:
    """Kill the node agent, and ask for the number of replicas that there is until it is back.

    Nothing would change even if it were done. Returns in words how many were
    not done, once they are `failures`.

    Raises:
        ActivityError: the agent was back before so many had failed.
        DriverError: the number of replicas is not known.
    """
    drill = current()
    count = drill.driver.desired(role)
    inject("kill", AGENT)
    for failed in range(failures):
        drill.abort.pause(PAUSE_SECONDS)
        if not _fails(drill, role, count):
            raise ActivityError(f"only {failed} of {failures} scalings failed")
    return f"{failures} scalings failed"


def _fails(drill: Drill, role: str, count: int) -> bool:
    """A refusal is no failure: a guard that says no has done what it is for."""
    try:
        drill.control.scale(role, count, f"drill {drill.run} asks without a node agent")
    except ControlRefusedError:
        return False
    except ControlError:
        return True
    return False
