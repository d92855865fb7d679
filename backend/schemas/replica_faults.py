"""The faults inside a process of the product, with the most that each may do.

The bounds are part of the shapes, so that whoever is above one hears the field
and the bound before anything is injected. Times are seconds.
"""

from http import HTTPStatus
from typing import Annotated, Literal, get_args

from pydantic import Field, ValidationInfo, field_validator

from backend.schemas.faults import Injection, Strict

LONGEST_DELAY = 30.0
MOST_MEBIBYTES = 512
MOST_QUERIES = 200

Seconds = Annotated[float, Field(ge=0, le=LONGEST_DELAY)]


class Selection(Strict):
    """Which requests are hit: a route's template or all, and how many of them in a hundred."""

    route: str | None = Field(default=None, min_length=1, max_length=200)
    percentage: float = Field(default=100.0, ge=0, le=100)


class LatencyArguments(Selection):
    """Each request waits between `delay_seconds` less and plus `jitter_seconds`, evenly drawn."""

    delay_seconds: float = Field(gt=0, le=LONGEST_DELAY)
    jitter_seconds: Seconds = 0.0

    @field_validator("jitter_seconds")
    @classmethod
    def _within_the_bounds(cls, jitter: float, info: ValidationInfo) -> float:
        # Absent where it was refused itself.
        delay = info.data.get("delay_seconds")
        if delay is None:
            return jitter
        most = min(delay, LONGEST_DELAY - delay)
        if jitter > most:
            raise ValueError(
                f"may be {most:g} at most: no longer than delay_seconds, "
                f"and {LONGEST_DELAY:g} together with it"
            )
        return jitter


class LatencyInjection(Injection):
    kind: Literal["latency"]
    arguments: LatencyArguments


class ErrorStatusArguments(Selection):
    """The request is answered with `status` and does nothing."""

    status: int = Field(default=503, ge=400, le=599)

    @field_validator("status")
    @classmethod
    def _known(cls, status: int) -> int:
        if status not in {known.value for known in HTTPStatus}:
            raise ValueError(f"HTTP knows no status {status}")
        return status


class ErrorStatusInjection(Injection):
    kind: Literal["error-status"]
    arguments: ErrorStatusArguments = ErrorStatusArguments()


class ExceptionInjection(Injection):
    """An exception that nobody expects is raised in the request."""

    kind: Literal["exception"]
    arguments: Selection = Selection()


class QueryMultiplicationArguments(Selection):
    """Each transaction of the request also asks for that many rows, one after another."""

    queries: int = Field(default=50, ge=1, le=MOST_QUERIES)


class QueryMultiplicationInjection(Injection):
    kind: Literal["query-multiplication"]
    arguments: QueryMultiplicationArguments = QueryMultiplicationArguments()


class CpuBurnArguments(Strict):
    """One thread is busy for `percentage` of its time; more than one thread there never is."""

    percentage: float = Field(default=100.0, ge=1, le=100)


class CpuBurnInjection(Injection):
    kind: Literal["cpu-burn"]
    arguments: CpuBurnArguments = CpuBurnArguments()


class MemoryGrowthArguments(Strict):
    """The process grows to `mebibytes` more than it had, and keeps them until the end."""

    mebibytes: int = Field(default=256, ge=1, le=MOST_MEBIBYTES)
    mebibytes_per_second: float = Field(default=MOST_MEBIBYTES, ge=1, le=MOST_MEBIBYTES)


class MemoryGrowthInjection(Injection):
    kind: Literal["memory-growth"]
    arguments: MemoryGrowthArguments = MemoryGrowthArguments()


class BlockedLoopArguments(Strict):
    """The event loop stands still for `block_seconds`, runs for `pause_seconds`, and again.

    It waits, or, where it is `busy`, computes all the while. One thread beside it hashes
    for `hashing` percent of its time.
    """

    block_seconds: float = Field(default=1.0, ge=0.01, le=LONGEST_DELAY)
    pause_seconds: Seconds = 0.1
    busy: bool = False
    hashing: float = Field(default=0.0, ge=0, le=100)


class BlockedLoopInjection(Injection):
    kind: Literal["blocked-loop"]
    arguments: BlockedLoopArguments = BlockedLoopArguments()


class ExhaustedPoolArguments(Strict):
    """That many connections to PostgreSQL are taken from the pool; None for all."""

    connections: int | None = Field(default=None, ge=1, le=100)


class ExhaustedPoolInjection(Injection):
    kind: Literal["exhausted-pool"]
    arguments: ExhaustedPoolArguments = ExhaustedPoolArguments()


class NoArguments(Strict):
    """There is nothing to choose."""


class FailingReadinessInjection(Injection):
    """The process says that it wants no traffic, and goes on serving what comes."""

    kind: Literal["failing-readiness"]
    arguments: NoArguments = NoArguments()


ReplicaInjection = Annotated[
    LatencyInjection
    | ErrorStatusInjection
    | ExceptionInjection
    | QueryMultiplicationInjection
    | CpuBurnInjection
    | MemoryGrowthInjection
    | BlockedLoopInjection
    | ExhaustedPoolInjection
    | FailingReadinessInjection,
    Field(discriminator="kind"),
]
KINDS: frozenset[str] = frozenset(
    get_args(shape.model_fields["kind"].annotation)[0]
    for shape in get_args(get_args(ReplicaInjection)[0])
)
