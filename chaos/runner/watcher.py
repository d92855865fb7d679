"""Watches over a running drill and throws its abort switch.

Two threads, because the engine cannot interrupt an activity, and because a
slow answer from Prometheus must not delay a halt. SIGTERM, SIGINT and the
engine's own SIGUSR1 and SIGUSR2 are blocked in every thread and taken here: its handlers
would swallow the first inside an activity, and skip the undo on the last.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from chaos.drill import Cause, Drill
from chaos.errors import BlindError
from chaos.journal import JournalError
from chaos.runner.halt import read_halt
from chaos.runner.harm import Harm
from chaos.schemas import AbortWhen, Kind
from deploy.home import Home

logger = logging.getLogger(__name__)

SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2})
HALT_POLL = 0.25
HARM_POLL = 1.0
BLIND_SECONDS = 10.0


def block_signals() -> None:
    """Keep the watched signals pending; call it before any thread starts, which inherits it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def told_to_end(home: Home) -> bool:
    """Tell whether somebody halts, or sent a signal that nobody has taken yet."""
    return bool(signal.sigpending() & SIGNALS) or read_halt(home).on


class Watcher:
    """Looks for a halt four times a second, and for too much harm once a second.

    Whoever throws the abort switch meanwhile, it is written down.
    """

    def __init__(self, home: Home, drill: Drill, limit: AbortWhen) -> None:
        self._home = home
        self._drill = drill
        self._harm = Harm(drill.traffic, limit)
        self._done = threading.Event()
        self._last_seen = time.monotonic()
        drill.abort.tell = self._write_down

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch while the block runs."""
        threads = [
            threading.Thread(target=self._guarded, args=(look,), name=look.__name__, daemon=True)
            for look in (self._for_halt, self._for_harm)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._done.set()
            for thread in threads:
                thread.join(timeout=5.0)

    def _guarded(self, look: Callable[[], None]) -> None:
        """A drill that nobody watches must not go on."""
        try:
            look()
        except Exception as error:
            logger.exception("The watcher broke")
            self._drill.abort.set(Cause("the watcher", f"it broke: {error}"))

    def _for_halt(self) -> None:
        while not self._done.is_set():
            taken = signal.sigtimedwait(SIGNALS, HALT_POLL)
            if taken is not None:
                name = signal.Signals(taken.si_signo).name
                self._drill.abort.set(Cause(name, f"sent by process {taken.si_pid}"))
            halt = read_halt(self._home)
            if halt.on:
                self._drill.abort.set(Cause(str(halt.by), str(halt.reason), sort="halt"))

    def _for_harm(self) -> None:
        self._harm.begin()
        while not self._done.wait(HARM_POLL):
            if self._drill.facts.fault_at is None:
                self._last_seen = time.monotonic()
                continue
            self._weigh()

    def _weigh(self) -> None:
        try:
            exceeded = self._harm.exceeded()
        except BlindError as error:
            self._blind(error)
            return
        self._last_seen = time.monotonic()
        if exceeded is not None:
            self._drill.abort.set(Cause("its abort condition", exceeded, sort="harm"))

    def _blind(self, error: BlindError) -> None:
        blind = time.monotonic() - self._last_seen
        logger.warning("The abort condition cannot be seen", extra={"error.message": str(error)})
        if blind > BLIND_SECONDS:
            self._drill.abort.set(
                Cause("the watcher", f"its abort condition was not to be seen for {blind:.0f} s")
            )

    def _write_down(self, cause: Cause) -> None:
        logger.warning("The drill is aborted", extra={"pharos.cause": str(cause)})
        try:
            self._drill.journal.write(
                Kind.ABORTED,
                f"Aborted by {cause}",
                by=cause.by,
                reason=cause.reason,
                sort=cause.sort,
            )
        except JournalError:
            logger.exception("The abort could not be written down")
