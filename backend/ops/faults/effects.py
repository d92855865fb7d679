"""What a fault does, as the registry sees it: begun, ended, and known to be gone.

The registry calls from threads of its own, never from the traffic's event
loop: that loop may be just what a fault blocks.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol


class Effect(Protocol):
    """One injected fault at work."""

    def start(self) -> None:
        """Begin; returns at once."""

    def stop(self) -> None:
        """Begin to undo it; returns at once."""

    def gone(self) -> bool:
        """Return whether nothing is left of it; asked after `stop` only."""

    def detail(self) -> str:
        """Return in words what it does at this moment."""


def on_loop(loop: asyncio.AbstractEventLoop, callback: Callable[[], object]) -> None:
    """Run `callback` on the loop as soon as it can; a loop that was closed needs no undo."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(callback)
