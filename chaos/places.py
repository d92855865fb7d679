"""Where faults are made and kept under a lease: the node agent, and each replica's own fault port.

Protocol: `backend.schemas.faults`. A lease ends where the fault is, whoever
asked for it has died.
"""

from typing import Protocol

from pydantic import TypeAdapter

from backend.schemas.faults import Fault, Faults, Injection
from backend.schemas.replica_faults import KINDS as REPLICA_KINDS
from backend.schemas.replica_faults import ReplicaInjection
from deploy.driver import Replica
from deploy.faults import FaultClient
from deploy.faults.kinds import GATEWAY, AgentInjection
from deploy.faults.kinds import KINDS as AGENT_KINDS
from deploy.home import Home
from deploy.secrets import read_secret

INSIDE: TypeAdapter[ReplicaInjection] = TypeAdapter(ReplicaInjection)
OUTSIDE: TypeAdapter[AgentInjection] = TypeAdapter(AgentInjection)
OF_THE_AGENT = frozenset(AGENT_KINDS) - REPLICA_KINDS


class FaultPlace(Protocol):
    """Every call may be repeated, and raises `deploy.faults.FaultClientError` or a kind of it."""

    def inject(self, injection: Injection) -> Fault: ...

    def renew(self, fault_id: str, lease_seconds: float) -> Fault:
        """Let it last so long from now; raises UnknownFaultError once its lease has ended."""
        ...

    def revert(self, fault_id: str) -> None: ...

    def read_back(self) -> Faults: ...


class Places(Protocol):
    """Raises FileNotFoundError where a place's key is missing."""

    def agent(self) -> FaultPlace: ...

    def replica(self, replica: Replica) -> FaultPlace: ...


class NoPlaces:
    """There are none: a drill that was given no places makes no fault under a lease."""

    def agent(self) -> FaultPlace:
        raise FileNotFoundError("this drill was given no place for faults under a lease")

    def replica(self, replica: Replica) -> FaultPlace:  # noqa: ARG002
        return self.agent()


class StackPlaces:
    """The places of a stack, by the keys in its home."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def agent(self) -> FaultPlace:
        url = f"http://127.0.0.1:{self._home.ports['agent']}"
        return FaultClient(url, read_secret(self._home.keys, "agent_token"))

    def replica(self, replica: Replica) -> FaultPlace:
        token = read_secret(self._home.keys, "fault_token")
        return FaultClient(f"http://{replica.ops_address}", token)


def is_agents(kind: str, target: str) -> bool:
    """Return whether the node agent makes this fault, and not the replica itself."""
    return kind in OF_THE_AGENT or target == GATEWAY
