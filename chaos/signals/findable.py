"""Signals that are there once they were found: a metric's expression, a line, an error's line."""

from datetime import timedelta

from chaos.signals.expected import ExpectedError, ExpectedLog, ExpectedMetric
from chaos.signals.sources import Sources
from chaos.signals.watch import Now, Watch
from deploy.logstore import Line


class MetricWatch(Watch[ExpectedMetric]):
    """The expression holds in time. Where it held before the fault, that proves nothing."""

    kind = "metric"

    def __init__(self, expected: ExpectedMetric) -> None:
        super().__init__(expected)
        self._text = expected.told

    def look(self, sources: Sources, now: Now) -> None:
        held = self._asked(now, lambda: sources.holds(self.expected.metric))
        if now.after_fault is None:
            if held is not None:
                self._before.append((now.monotonic, held))
        elif held and now.after_fault <= self.expected.within:
            self._came(now, now.after_fault)
        elif now.after_fault > self.expected.within:
            self.close(now)

    def close(self, now: Now) -> None:
        self._unseen(self._text, self.expected.within, now)

    def _came(self, now: Now, seconds: float) -> None:
        nothing = self._proves_nothing(now)
        if nothing is not None:
            self._decide(None, f"{self._text} {nothing}")
        else:
            self._decide(True, f"{self._text} after {seconds:.0f} s", seconds)


class LogWatch(Watch[ExpectedLog | ExpectedError]):
    """A line that was written in time is found; lines may be read a little later."""

    every = 3.0  # a search reads files

    def __init__(self, expected: ExpectedLog | ExpectedError) -> None:
        super().__init__(expected)
        self.kind = "error" if isinstance(expected, ExpectedError) else "log"
        self._text = expected.told

    def look(self, sources: Sources, now: Now) -> None:
        if now.fault_at is None or now.after_fault is None:
            return
        since, seconds = now.fault_at, min(now.after_fault, self.expected.within)
        until = since + timedelta(seconds=max(seconds, 0.001))
        lines = self._asked(now, lambda: sources.lines(self.expected, since, until))
        if lines:
            self._came(lines[0], (lines[0].at - since).total_seconds())
        elif lines is not None and now.after_fault > self.expected.within + self.every:
            self._gap = 0.0  # this search looked at all of its time, whatever was unseen before
            self.close(now)

    def close(self, now: Now) -> None:
        self._unseen(self._text, self.expected.within, now)

    def _came(self, line: Line, seconds: float) -> None:
        event = line.fields.get("error.id")
        told = f", event {event}" if event else ""
        self._decide(True, f"{line.component}: {line.message[:200]}{told}", seconds)
