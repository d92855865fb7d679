"""The agent's side: no fault is made before a backstop stands."""

import os
import subprocess
import sys
import threading
import time

from deploy.home import PROJECT, Home
from deploy.local.agent.backstop.standing import stands, want
from deploy.local.agent.faults.refusals import NoBackstopError
from deploy.local.processes import COMPONENT_MARK, STACK_MARK

NAME = "backstop"
COMMAND = (sys.executable, "-m", "deploy.local.agent.backstop")
# Its imports take half a second of a core, of which a busy machine may have little.
PATIENCE_SECONDS = 15.0
POLL = 0.02


class BackstopProcess:
    """Starts one when it is needed and none stands; it outlives whoever started it.

    Several threads may require it: one of them starts it, the others wait as well.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._starting = threading.Lock()
        self._started: subprocess.Popen[bytes] | None = None

    def require(self) -> None:
        """Return once a backstop stands.

        Raises:
            NoBackstopError: none came to stand in time.
        """
        want(self._home)
        if stands(self._home):
            return
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not stands(self._home):
            with self._starting:
                if self._started is None or self._started.poll() is not None:
                    self._start()
            if time.monotonic() > deadline:
                raise NoBackstopError(
                    "nobody would end the fault if this agent died: "
                    f"{self._home.logs / NAME}.out says why"
                )
            time.sleep(POLL)

    def _start(self) -> None:
        place = {
            "PHAROS_HOME": str(self._home.root),
            "PHAROS_PORT_BASE": str(self._home.ports.base),
            STACK_MARK: self._home.stack_id,
            COMPONENT_MARK: NAME,
        }
        self._home.logs.mkdir(parents=True, exist_ok=True)
        with (self._home.logs / f"{NAME}.out").open("ab") as out:
            self._started = subprocess.Popen(
                COMMAND,
                cwd=PROJECT,
                env=os.environ | place,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
