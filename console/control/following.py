"""Follows what is under way for as long as the service runs."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from console.control.errors import UnavailableError
from console.control.wiring import Control

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
# How long the end waits for a look to finish, in all.
PATIENCE_SECONDS = 1.0


@contextmanager
def following(control: Control) -> Iterator[None]:
    """Take up what was under way before, and follow it within the block.

    Actions, drills, schedules, alerts and the view of the stack have a thread each: a node
    agent that hangs must not keep a drill's ending from being written. The threads
    are daemons, since such an agent must not keep the service from ending
    either: what a look leaves undone, the next start does.
    """
    control.scaling.resume()
    control.aside.resume()
    control.restarting.interrupted()
    stopping = threading.Event()
    looks = (
        control.scaling.follow,
        control.restarting.follow,
        control.aside.follow,
        control.drills.follow,
        control.due.follow,
        control.stack.follow,
        control.watchdog.follow,
        control.active.follow,
    )
    threads = [
        threading.Thread(target=_repeat, args=(control, look, stopping), daemon=True)
        for look in looks
    ]
    threads.append(threading.Thread(target=_warm_up, args=(control,), daemon=True))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join(PATIENCE_SECONDS / len(threads))


def _repeat(control: Control, look: Callable[[], None], stopping: threading.Event) -> None:
    while not stopping.is_set():
        try:
            look()
        except Exception as error:  # noqa: BLE001 (reported; the next look may succeed)
            control.errors.capture_recurring(
                error, "What is under way could not be followed", route="follow what is under way"
            )
        stopping.wait(LOOK_SECONDS)


def _warm_up(control: Control) -> None:
    """Ask for the experiments once, so that the first page does not wait for a Python to start."""
    try:
        control.experiments.all()
    except UnavailableError as error:
        log.warning("%s", error)
