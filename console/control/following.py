"""Follows what is under way for as long as the service runs."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from console.control.errors import UnavailableError
from console.control.wiring import Control

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5


@asynccontextmanager
async def following(control: Control) -> AsyncIterator[None]:
    """Take up what was under way before, and follow it within the block.

    Actions, drills and the view of the stack have a task each: a node agent
    that hangs must not keep a drill's ending from being written.
    """
    await asyncio.to_thread(control.scaling.resume)
    tasks = [
        asyncio.create_task(_repeat(control, control.scaling.follow)),
        asyncio.create_task(_repeat(control, control.drills.follow)),
        asyncio.create_task(_repeat(control, control.stack.follow)),
        asyncio.create_task(_warm_up(control)),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _repeat(control: Control, look: Callable[[], None]) -> None:
    while True:
        try:
            await asyncio.to_thread(look)
        except Exception as error:  # noqa: BLE001 (reported; the next look may succeed)
            control.errors.capture(error, "What is under way could not be followed")
        await asyncio.sleep(LOOK_SECONDS)


async def _warm_up(control: Control) -> None:
    """Ask for the experiments once, so that the first page does not wait for a Python to start."""
    try:
        await asyncio.to_thread(control.experiments.all)
    except UnavailableError as error:
        log.warning("%s", error)
