"""One direction of a connection: from a sender through a chain of toxics to a receiver."""

import asyncio
from typing import Protocol

from deploy.faultproxy.chunks import Chunk, End
from deploy.faultproxy.stage import Stage
from deploy.faultproxy.toxic import USUALLY_HELD, Toxic


class Sender(Protocol):
    """Whom a link receives from."""

    def hold(self) -> None: ...
    def let_go(self) -> None: ...


class Receiver(Protocol):
    """Whom a link sends to; `full` while it takes less than it is sent."""

    full: bool

    def write(self, data: bytes) -> None: ...
    def end(self, how: End) -> None: ...


class Link:
    """Moves what the sender sends, and its end, in order; toxics come and go meanwhile.

    Without toxics bytes are written in the very call that received them. The
    sender waits while the receiver is full, or more is held than the toxics may.
    """

    def __init__(self, sender: Sender, receiver: Receiver) -> None:
        self._sender, self._receiver = sender, receiver
        self._stages: list[Stage] = []
        self._held = 0
        self._may_hold = USUALLY_HELD
        self._waits = False
        self.ended: End | None = None

    def receive(self, data: bytes) -> None:
        """Take what the sender sent."""
        if not self._stages:
            self.put(Chunk(0.0, data))
            return
        self._held += len(data)
        self._stages[0].put(Chunk(asyncio.get_running_loop().time(), data))
        self.balance()

    def finish(self, how: End) -> None:
        """Take the sender's end: no data comes after it."""
        first = self._stages[0] if self._stages else self
        first.put(Chunk(asyncio.get_running_loop().time(), end=how))

    def add(self, toxic: Toxic) -> None:
        """Put a toxic at the end of the chain."""
        stage = Stage(toxic, self, self._free)
        if self._stages:
            self._stages[-1].onward = stage
        self._stages.append(stage)
        self._weigh()
        stage.start()

    def update(self, toxic: Toxic) -> None:
        """Let a toxic of the chain act by what it has become."""
        self._stage(toxic).restart()
        self._weigh()

    def remove(self, toxic: Toxic) -> None:
        """Take a toxic out of the chain."""
        stage = self._stage(toxic)
        stage.remove()
        place = self._stages.index(stage)
        if place:
            self._stages[place - 1].onward = stage.onward
        self._stages.remove(stage)
        self._weigh()

    def put(self, chunk: Chunk) -> None:
        """Hand the receiver what left the last toxic."""
        if self._stages:
            self._free(len(chunk.data))
        if chunk.end is None:
            if self.ended is None:
                self._receiver.write(chunk.data)
        elif self.ended is None or chunk.end > self.ended:
            self.ended = chunk.end
            self._receiver.end(chunk.end)

    def balance(self) -> None:
        """Let the sender wait, or go on."""
        waits = self._receiver.full or self._held > self._may_hold
        if waits != self._waits:
            self._waits = waits
            (self._sender.hold if waits else self._sender.let_go)()

    def discard(self) -> None:
        """Drop everything: both peers are gone."""
        self.ended = End.RESET
        for stage in self._stages:
            stage.discard()

    def _stage(self, toxic: Toxic) -> Stage:
        return next(stage for stage in self._stages if stage.toxic is toxic)

    def _free(self, size: int) -> None:
        self._held -= size
        self.balance()

    def _weigh(self) -> None:
        self._may_hold = max((s.toxic.attributes.holds for s in self._stages), default=USUALLY_HELD)
        self.balance()
