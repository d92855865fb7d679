"""A drill's time as a test lets it pass, with the watches of what is expected."""

from datetime import UTC, datetime
from typing import Any

from chaos.schemas import SignalReport
from chaos.signals.observer import watches_of
from chaos.signals.watch import Now, Watch
from tests.fakes.signals import FakeSources


class Course:
    """A drill's time, which passes as a test says; the fault comes at `fault()`."""

    def __init__(self, *expected: Any) -> None:
        self.sources = FakeSources()
        self.watches: list[Watch[Any]] = watches_of(expected)
        self.monotonic = 100.0
        self.fault_at: datetime | None = None
        self.began = self.ended = 0.0

    def now(self) -> Now:
        return Now(
            self.monotonic,
            self.began,
            self.fault_at,
            self.monotonic - self.began if self.began else None,
            self.monotonic - self.ended if self.ended else None,
        )

    def look(self, after: float = 1.0) -> None:
        self.monotonic += after
        for watch in self.watches:
            if watch.report is None:
                watch.look(self.sources, self.now())

    def passing(self, seconds: float) -> None:
        for _ in range(round(seconds)):
            self.look()

    def fault(self) -> None:
        self.look()
        self.monotonic += 0.5
        self.began, self.fault_at = self.monotonic, datetime.now(UTC)

    def end_fault(self) -> None:
        self.ended = self.monotonic

    def report(self) -> SignalReport:
        for watch in self.watches:
            if watch.report is None:
                watch.close(self.now())
        report = self.watches[0].report
        assert report is not None
        return report
