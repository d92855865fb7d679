"""What Ctrl-C, `kill` and a closed terminal do to a command that changes the stack."""

import os
import signal
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PRINTED_TO = (1, 2)


def interruptible() -> None:
    """Let the first of these signals raise KeyboardInterrupt, and no later one anything.

    A closed terminal sends its SIGHUP more than once, and a second Ctrl-C is
    soon pressed: neither may cut short the clean-up that the first one began.
    What the caller ignores (`nohup`) stays ignored.
    """
    _handle(_interrupt)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let no signal cut a clean-up short; each step of it is bounded anyway."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in INTERRUPTING}
    _handle(_go_on)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _handle(handler: "signal._HANDLER") -> None:
    for number in INTERRUPTING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    _handle(_go_on)
    _go_on(number, frame)
    raise KeyboardInterrupt


def _go_on(number: int, _: FrameType | None) -> None:
    if number == signal.SIGHUP:
        leave_the_terminal()


def leave_the_terminal() -> None:
    """Print to nowhere from now on: to a terminal that is gone every line would fail.

    A terminal that is gone no longer says that it was one; a file it is not.
    """
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in PRINTED_TO:
        if stat.S_ISCHR(os.fstat(stream).st_mode):
            os.dup2(null, stream)
    os.close(null)
