"""A toxic: which behaviour, on which stream of a proxy, and on what share of its links."""

from enum import StrEnum
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel, ConfigDict

from deploy.faultproxy.chunks import Chunk, End

MILLISECOND = 0.001
# What a link may hold before its sender has to wait; the original holds one buffer a toxic.
USUALLY_HELD = 64 * 1024


class Direction(StrEnum):
    """A stream by where it flows to: the server (up), or the client (down)."""

    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"


class Flow(Protocol):
    """What a behaviour may do to its stage of one link; see `deploy.faultproxy.stage`."""

    passed: int

    async def head(self) -> Chunk: ...
    def forward(self) -> None: ...
    def forward_part(self, size: int) -> None: ...
    def drop(self) -> None: ...
    def close(self, how: End) -> None: ...


class Behaviour(BaseModel):
    """A kind's attributes with what they do; unknown attributes are ignored, as in the original.

    `holds` is how many bytes a link may keep waiting on its account.
    """

    model_config = ConfigDict(frozen=True, strict=True)

    holds: ClassVar[int] = USUALLY_HELD

    async def pipe(self, flow: Flow) -> None:
        """Move chunks on until the link ends; may be cancelled at any wait."""
        raise NotImplementedError

    def removed(self, flow: Flow) -> None:
        """Called when the toxic is removed while it acts; what is held goes on afterwards."""


class Toxic:
    """One toxic of a proxy; its attributes and toxicity (0 to 1) may change."""

    def __init__(
        self, name: str, kind: str, stream: Direction, toxicity: float, attributes: Behaviour
    ) -> None:
        self.name, self.kind, self.stream = name, kind, stream
        self.toxicity, self.attributes = toxicity, attributes

    def shown(self) -> dict[str, Any]:
        """Return it as the API shows it."""
        return {
            "attributes": self.attributes.model_dump(),
            "name": self.name,
            "type": self.kind,
            "stream": self.stream.value,
            "toxicity": self.toxicity,
        }
