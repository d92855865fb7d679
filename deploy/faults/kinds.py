"""The faults that the node agent makes, with the most that each may do. Times are seconds.

Those inside a process of the product are in `backend.schemas.replica_faults`;
the verbs are the same.
"""

from typing import Annotated, Literal, get_args

from pydantic import Field, TypeAdapter

from backend.schemas.faults import Injection, Strict
from backend.schemas.replica_faults import LONGEST_DELAY, NoArguments

GATEWAY, AGENT = "gateway", "agent"
# What the product reaches through the fault proxy, in a stack that has one.
DEPENDENCIES = ("postgres", "redis", "rabbitmq")
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
    "history",
    "control",
)

Kind = Literal[
    "kill",
    "terminate",
    "pause",
    "stray-stop",
    "down",
    "latency",
    "abort",
    "cut-off",
    "dependency",
    "certificate",
    "unscraped",
    "poison",
    "flood",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
MODES = ("down", "latency", "reset", "hang", "bandwidth")
FASTEST = 1_000_000  # kilobytes a second
Percentage = Annotated[float, Field(gt=0, le=100)]


class ProcessArguments(Strict):
    """With `allow_last` the last ready api replica may be hit, too: nothing is served then."""

    allow_last: bool = False


class ProcessInjection(Injection):
    """What is done to every process of a replica or a component.

    `kill` is SIGKILL; `terminate` the signal by which it is asked to end (SIGTERM;
    SIGINT for PostgreSQL, whose SIGTERM would wait for its clients): both happen
    once, and the supervisor starts it again. `pause` is SIGSTOP until the lease
    ends; `stray-stop`, too, but it is not said whose doing it is, so that it counts
    as left behind meanwhile. `down` is SIGKILL, and no start before the lease ends.
    """

    kind: Literal["kill", "terminate", "pause", "stray-stop", "down"]
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


class UnscrapedInjection(Injection):
    """Prometheus is not told of the replica, while it lives and serves."""

    kind: Literal["unscraped"]
    target: str
    arguments: NoArguments = NoArguments()


class CertificateArguments(Strict):
    """How many days the certificate is valid."""

    days: int = Field(default=5, ge=1, le=30)


class CertificateInjection(Injection):
    """The gateway serves a certificate that ends soon."""

    kind: Literal["certificate"]
    target: Literal["gateway"] = "gateway"
    arguments: CertificateArguments = CertificateArguments()


class PoisonInjection(Injection):
    """The worker gets a message that it cannot read, and puts it to the dead letters."""

    kind: Literal["poison"]
    target: Literal["worker"] = "worker"
    arguments: NoArguments = NoArguments()


class FloodArguments(Strict):
    """So many events a second at most, of so many users in turn: of one, he is the hot spot."""

    events_per_second: float = Field(default=50.0, ge=1, le=200)
    users: int = Field(default=1, ge=1, le=50)


class FloodInjection(Injection):
    """Further events are posted at the gateway, as real as any."""

    kind: Literal["flood"]
    target: Literal["gateway"] = "gateway"
    arguments: FloodArguments = FloodArguments()


class DownMode(Strict):
    """Connections are refused, and those that are open closed."""

    mode: Literal["down"]


class LatencyMode(Strict):
    """Each answer waits between `delay_seconds` less and plus `jitter_seconds`, evenly drawn."""

    mode: Literal["latency"]
    delay_seconds: float = Field(gt=0, le=LONGEST_DELAY)
    jitter_seconds: float = Field(default=0.0, ge=0, le=LONGEST_DELAY)


class ResetMode(Strict):
    """A connection is reset with the first that the product sends."""

    mode: Literal["reset"]


class HangMode(Strict):
    """Connections stay open, and nothing passes either way; they are closed in the end."""

    mode: Literal["hang"]


class BandwidthMode(Strict):
    """So many kilobytes (1,000 bytes) a second pass either way on each connection."""

    mode: Literal["bandwidth"]
    kilobytes_per_second: int = Field(ge=1, le=FASTEST)


class DependencyInjection(Injection):
    """What happens on the product's way to a server, which itself notices nothing but clients."""

    kind: Literal["dependency"]
    target: Literal["postgres", "redis", "rabbitmq"]
    arguments: Annotated[
        DownMode | LatencyMode | ResetMode | HangMode | BandwidthMode, Field(discriminator="mode")
    ]


AgentInjection = Annotated[
    ProcessInjection
    | GatewayLatencyInjection
    | AbortInjection
    | CutOffInjection
    | UnscrapedInjection
    | CertificateInjection
    | PoisonInjection
    | FloodInjection
    | DependencyInjection,
    Field(discriminator="kind"),
]
AGENT_INJECTION: TypeAdapter[AgentInjection] = TypeAdapter(AgentInjection)
