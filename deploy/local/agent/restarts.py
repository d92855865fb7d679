"""Restarts of one replica: its process ends, and the supervisor starts another."""

import signal
import threading
from collections.abc import Callable

from deploy.local.processes import Identity, send, wait_gone
from deploy.local.product import REPLICA_STOP_SECONDS

Report = Callable[[str], None]


def restart(identity: Identity, name: str, report: Report) -> bool:
    """Ask a replica to end; False when it has ended already.

    One that does not end in its stop time, since it hangs, is killed: a thread waits for
    that. If this process dies meanwhile, whoever asked sees that nothing comes back.
    """
    if not send(identity, signal.SIGTERM):
        return False

    def insist() -> None:
        if wait_gone([identity], REPLICA_STOP_SECONDS):
            report(f"{name} (pid {identity.pid}) did not end by itself: killed")
            send(identity, signal.SIGKILL)

    threading.Thread(target=insist, name=f"restart {name}", daemon=True).start()
    return True
