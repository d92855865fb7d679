"""The faults that the node agent makes, with the most that each may do. Times are seconds.

Those inside a process of the product are in `backend.schemas.replica_faults`;
the verbs are the same.
"""

from typing import Annotated, Literal, get_args

from pydantic import Field, TypeAdapter

from backend.schemas.faults import Injection, Strict
from backend.schemas.replica_faults import LONGEST_DELAY, NoArguments

GATEWAY, AGENT = "gateway", "agent"
# Beside the replicas. Never the supervisor: who undoes a fault must be started again by it.
COMPONENTS = (
    "postgres",
    "redis",
    "rabbitmq",
    GATEWAY,
    "prometheus",
    "alertmanager",
    "logstore",
    "shipper",
    "errors",
    "control",
)

Kind = Literal["kill", "terminate", "pause", "down", "latency", "abort", "cut-off"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Percentage = Annotated[float, Field(gt=0, le=100)]


class ProcessArguments(Strict):
    """With `allow_last` the last ready api replica may be hit, too: nothing is served then."""

    allow_last: bool = False


class ProcessInjection(Injection):
    """What is done to every process of a replica or a component.

    `kill` is SIGKILL; `terminate` the signal by which it is asked to end (SIGTERM;
    SIGINT for PostgreSQL, whose SIGTERM would wait for its clients): both happen
    once, and the supervisor starts it again. `pause` is SIGSTOP until the lease
    ends. `down` is SIGKILL, and no start before the lease ends.
    """

    kind: Literal["kill", "terminate", "pause", "down"]
    target: str
    arguments: ProcessArguments = ProcessArguments()


class GatewayLatencyArguments(Strict):
    """So many requests in a hundred wait at the gateway before they go on."""

    delay_seconds: float = Field(gt=0, le=LONGEST_DELAY)
    percentage: Percentage = 100.0


class GatewayLatencyInjection(Injection):
    kind: Literal["latency"]
    target: Literal["gateway"] = "gateway"
    arguments: GatewayLatencyArguments


class AbortArguments(Strict):
    """So many requests in a hundred are answered by the gateway and reach no replica."""

    status: int = Field(default=503, ge=400, le=599)
    percentage: Percentage = 100.0


class AbortInjection(Injection):
    kind: Literal["abort"]
    target: Literal["gateway"] = "gateway"
    arguments: AbortArguments = AbortArguments()


class CutOffInjection(Injection):
    """The gateway sends the replica nothing, while it lives and is ready."""

    kind: Literal["cut-off"]
    target: str
    arguments: NoArguments = NoArguments()


AgentInjection = Annotated[
    ProcessInjection | GatewayLatencyInjection | AbortInjection | CutOffInjection,
    Field(discriminator="kind"),
]
AGENT_INJECTION: TypeAdapter[AgentInjection] = TypeAdapter(AgentInjection)
