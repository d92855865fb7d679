"""What the console tells of itself: one set of instruments for the process, whatever tab runs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version

from backend.observability.catalogue import PAGE_DURATION, PAGE_RUNS, Process
from backend.observability.metrics import Bounded, Instruments


class ConsoleSignals:
    """The instruments, and how a page's run is measured."""

    def __init__(self) -> None:
        self.instruments = Instruments(Process.CONSOLE, version("pharos"))
        self._runs = self.instruments.counter(PAGE_RUNS)
        self._duration = self.instruments.histogram(PAGE_DURATION)
        self._page = Bounded(PAGE_DURATION.labels[0])

    @contextmanager
    def run(self, title: str) -> Iterator[None]:
        """Measure one run of a page.

        Streamlit ends a run early by exceptions of its own, when a page asks
        for another run or has no more to show. Those are no failures, and no
        kind of Exception.
        """
        page, outcome, began = self._page(title), "done", time.perf_counter()
        try:
            yield
        except Exception:
            outcome = "failed"
            raise
        finally:
            self._runs.labels(page=page, outcome=outcome).inc()
            self._duration.labels(page=page).observe(time.perf_counter() - began)


@cache
def signals() -> ConsoleSignals:
    """Return those of this process."""
    return ConsoleSignals()
