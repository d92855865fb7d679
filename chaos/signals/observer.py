"""Watches the expected signals beside the drill, and writes each down when it is decided."""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from chaos.drill import Cause, Drill
from chaos.journal import JournalError
from chaos.schemas import Kind, SignalReport
from chaos.signals.alerting import AlertWatch, SilenceWatch
from chaos.signals.expected import (
    Expected,
    ExpectedAlert,
    ExpectedMetric,
    ExpectedSilence,
)
from chaos.signals.findable import LogWatch, MetricWatch
from chaos.signals.sources import Sources
from chaos.signals.watch import Now, Watch

logger = logging.getLogger(__name__)

AnyWatch = Watch[Any]
# Longer than the `for` of any rule that pages: what is pending has fired by then, or is gone.
UNDECIDED_SECONDS = 150.0


class Observer:
    """Implements `chaos.drill.Signals`; one thread for each pace of looking.

    A search of the log may take seconds, and must not keep an alert from being seen.
    """

    def __init__(self, expected: Sequence[Expected], sources: Sources, drill: Drill) -> None:
        self._watches = watches_of(expected)
        self._sources = sources
        self._drill = drill
        self._done = threading.Event()

    def awaited(self) -> list[str]:
        return [watch.expected.words for watch in self._watches if watch.awaited]

    def unresolved(self) -> list[str]:
        return [watch.expected.words for watch in self._watches if watch.unresolved]

    @contextmanager
    def observing(self) -> Iterator[None]:
        """Watch while the block runs; at its end every signal is decided, and in the facts."""
        self._drill.signals = self
        threads = [
            threading.Thread(target=self._guarded, args=(pace,), name="signals", daemon=True)
            for pace in {watch.every for watch in self._watches}
        ]
        for thread in threads:
            thread.start()
        try:
            yield
            self._see_out()
        finally:
            self._done.set()
            for thread in threads:
                thread.join(timeout=30.0)
            self._conclude()

    def _see_out(self) -> None:
        """Wait until what must stay silent, and is pending, has fired or gone."""
        deadline = time.monotonic() + UNDECIDED_SECONDS
        while any(watch.undecided for watch in self._watches):
            if self._drill.abort.cause is not None or time.monotonic() >= deadline:
                return
            time.sleep(self._drill.poll_seconds)

    def _guarded(self, pace: float) -> None:
        """A drill whose signals nobody watches must not go on."""
        try:
            self._watch([watch for watch in self._watches if watch.every == pace], pace)
        except Exception as error:
            logger.exception("The signals' observer broke")
            self._drill.abort.set(Cause("the signals' observer", f"it broke: {error}"))

    def _watch(self, watches: list[AnyWatch], pace: float) -> None:
        while not self._done.is_set():
            began = time.monotonic()
            for watch in watches:
                if watch.report is None and not self._done.is_set():
                    self._look(watch)
            self._done.wait(max(0.1, pace - (time.monotonic() - began)))

    def _look(self, watch: AnyWatch) -> None:
        watch.look(self._sources, Now.of(self._drill.facts, time.monotonic()))
        if watch.report is not None:
            self._write(watch.report)

    def _conclude(self) -> None:
        now = Now.of(self._drill.facts, time.monotonic())
        for watch in self._watches:
            if watch.report is None:
                watch.close(now)
                if now.after_fault is not None and watch.report is not None:
                    self._write(watch.report)
        self._drill.facts.signals = [watch.report for watch in self._watches if watch.report]

    def _write(self, report: SignalReport) -> None:
        kind, told = _told(report)
        fields = report.model_dump(exclude={"words", "kind"}) | {"signal": report.kind}
        try:
            self._drill.journal.write(kind, told, **fields)
        except JournalError as error:
            self._drill.abort.set(Cause("the journal", str(error)))


def watches_of(expected: Sequence[Expected]) -> list[AnyWatch]:
    """Return a watch for each expected signal, in their order."""
    alerts = frozenset(each.alert for each in expected if isinstance(each, ExpectedAlert))
    return [_watch_of(each, alerts) for each in expected]


def _watch_of(expected: Expected, alerts: frozenset[str]) -> AnyWatch:
    match expected:
        case ExpectedMetric():
            return MetricWatch(expected)
        case ExpectedAlert():
            return AlertWatch(expected)
        case ExpectedSilence():
            return SilenceWatch(expected, alerts)
        case _:
            return LogWatch(expected)


def _told(report: SignalReport) -> tuple[Kind, str]:
    if report.met:
        return Kind.SIGNAL_SEEN, f"Seen: {report.words}"
    if report.met is None:
        return Kind.SIGNAL_MISSING, f"Not known: {report.words}"
    if report.kind == "silent":
        return Kind.SIGNAL_UNWANTED, f"Unwanted: {report.words}"
    return Kind.SIGNAL_MISSING, f"Missing: {report.words}"
