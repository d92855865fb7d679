"""What travels through a link: bytes with the time of their arrival, and one end."""

from dataclasses import dataclass
from enum import IntEnum


class End(IntEnum):
    """How a link ends; a greater one may follow a lesser one.

    SENT: its sender has sent everything, and may go on to receive. CUT: the
    connection is closed both ways. RESET: both peers get an RST.
    """

    SENT = 1
    CUT = 2
    RESET = 3


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some bytes, or an end; `came` is when, by the loop's clock (seconds)."""

    came: float
    data: bytes = b""
    end: End | None = None

    def split(self, size: int) -> tuple["Chunk", "Chunk"]:
        """Return the first `size` bytes and the rest, both as old as this one."""
        return Chunk(self.came, self.data[:size]), Chunk(self.came, self.data[size:])
