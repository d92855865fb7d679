"""A node agent as a process of its own, which a test may kill and start again."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field

import httpx

from backend.schemas.faults import Faults
from deploy.faults import FaultClient, FaultTargetAwayError
from deploy.faults.kinds import AGENT_INJECTION, AgentInjection
from deploy.home import PROJECT, Home
from deploy.local.processes import Identity, stopped
from deploy.local.specs import running
from tests.fixtures.running import eventually

# One for all: making one reads every certificate of the machine.
HTTP = httpx.Client(trust_env=False, verify=False, timeout=20)  # noqa: S501  nothing is TLS here
SMALL_AGENT = [sys.executable, "-m", "tests.fakes.small_agent"]


def injection(
    kind: str, target: str, seconds: float = 30, name: str = "test", **arguments: object
) -> AgentInjection:
    return AGENT_INJECTION.validate_python(
        {
            "id": name,
            "kind": kind,
            "target": target,
            "lease_seconds": seconds,
            "arguments": arguments,
        }
    )


def identity_of(home: Home, name: str) -> Identity:
    record = running(home, name)
    assert record, f"{name} does not run"
    return record.identity


def is_stopped(home: Home, name: str) -> bool:
    return stopped(identity_of(home, name))


@dataclass
class Agent:
    """`client` speaks to its faults; it is `start`ed, and ends by `kill` or `end`."""

    home: Home
    client: FaultClient
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        place = {"PHAROS_HOME": str(self.home.root), "PHAROS_PORT_BASE": str(self.home.ports.base)}
        with (self.home.logs / "agent.out").open("ab") as log:
            self.process = subprocess.Popen(
                SMALL_AGENT,
                cwd=PROJECT,
                env=os.environ | place,
                stdout=log,
                stderr=log,
            )
        eventually(self._answers, bool, "the node agent serving")

    def _answers(self) -> bool:
        assert self.process.poll() is None, (self.home.logs / "agent.out").read_text()[-2000:]
        try:
            self.client.read_back()
        except FaultTargetAwayError:
            return False
        return True

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(30)

    def until_clean(self) -> Faults:
        return eventually(
            self.client.read_back, lambda now: not now.faults and not now.residue, "all clean"
        )
