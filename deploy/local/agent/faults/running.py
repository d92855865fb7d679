"""What must run before a fault is made there."""

from deploy.faults.kinds import GATEWAY
from deploy.home import Home
from deploy.local.agent.faults.refusals import NotRunningError
from deploy.local.specs import running


def require_gateway(home: Home) -> None:
    """Return when the gateway runs.

    Raises:
        NotRunningError: it does not.
    """
    if running(home, GATEWAY) is None:
        raise NotRunningError("the gateway does not run: `pharos status` says why")
