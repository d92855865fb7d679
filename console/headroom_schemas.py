"""The shape of an answer to: would fewer replicas carry the present load?"""

from typing import Literal

from pydantic import BaseModel, Field

Carries = Literal["yes", "no", "unknown"]


class Carried(BaseModel):
    """What one replica carries on average."""

    per_second: float = Field(description="requests")
    cpu: float = Field(description="share of one core")
    pool: float = Field(description="share of the connections that its pool may open")

    def shared_by(self, now: int, then: int) -> "Carried":
        """Return what each of `then` replicas would carry of what `now` do."""
        more = now / then
        return Carried(
            per_second=self.per_second * more, cpu=self.cpu * more, pool=self.pool * more
        )


class Headroom(BaseModel):
    """Whether `remaining` of the `serving` replicas would carry what all carry now.

    `unknown` is no yes. Load, `now` and `then` are null where Prometheus does not say, or
    nobody would remain.
    """

    carries: Carries
    serving: int = Field(description="ready replicas in the gateway")
    remaining: int
    per_second: float | None = Field(default=None, description="requests to all of them now")
    now: Carried | None = None
    then: Carried | None = None
    limit: float = Field(description="the share of CPU or pool that a replica may use")
    source: str = Field(description="what the shares are taken from")
    words: str = Field(description="all of it, to be read")
