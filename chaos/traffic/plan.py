"""What was asked for on the command line, checked before anything is sent."""

from dataclasses import dataclass
from pathlib import Path

from chaos.traffic import work
from chaos.traffic.pace import within
from chaos.traffic.trace import Trace, TraceError, scan

DEFAULT_RATE = 100.0
MAX_RATE = 5000
MAX_SECONDS = 24 * 3600


class UsageError(Exception):
    """An option that cannot be followed; the message holds the remedy."""

    def __init__(self, option: str, message: str) -> None:
        super().__init__(message)
        self.option = option


@dataclass(frozen=True, slots=True)
class Plan:
    """A run that can be done. Exactly one of `rate` (requests a second) and `speed` is set.

    `repeat` is None when only `duration` ends the run; `seconds` is how long it will take.
    """

    trace: Trace | None
    rate: float | None
    speed: float | None
    repeat: int | None
    duration: float | None
    seconds: float

    @property
    def title(self) -> str:
        """Return what is sent, for the progress bar."""
        return self.trace.path.name if self.trace else "own traffic"

    def source(self, run: str) -> str:
        """Return the source of the run's events, the first half of their identity."""
        return (
            f"urn:pharos:trace:{self.trace.digest[:16]}:{run}"
            if self.trace
            else f"urn:pharos:load:{run}"
        )

    def schedule(self, run: str) -> work.Schedule:
        """Return what is due when; the order of time is sorted here."""
        source = self.source(run)
        if self.trace is None:
            endless = work.own(self.rate or DEFAULT_RATE, source, seed=run)
        elif self.speed:
            endless = work.at_speed(self.trace, self.repeat, self.speed, source)
        else:
            endless = work.at_rate(self.trace, self.repeat, self.rate or DEFAULT_RATE, source)
        return within(endless, self.duration)


def make_plan(
    trace: Path | None,
    rate: float | None,
    speed: float | None,
    repeat: int | None,
    duration: float | None,
) -> Plan:
    """Check the options and read the trace.

    Raises:
        UsageError: an option is missing, out of bounds, or excludes another.
    """
    _check_bounds(rate, speed, repeat, duration)
    if trace is None:
        _check_own(speed, repeat, duration)
        return Plan(None, rate or DEFAULT_RATE, None, None, duration, duration or 0.0)
    try:
        scanned = scan(trace)
    except TraceError as error:
        raise UsageError("--trace", str(error)) from None
    if speed is None:
        rate = rate or DEFAULT_RATE
    rounds = repeat or (None if duration else 1)
    seconds = _seconds(scanned, rate, speed, rounds, duration)
    return Plan(scanned, rate, speed, rounds, duration, seconds)


def _check_bounds(
    rate: float | None, speed: float | None, repeat: int | None, duration: float | None
) -> None:
    # Written so that NaN, which compares with nothing, is out of bounds.
    if rate is not None and speed is not None:
        raise UsageError("--speed", "--speed and --rate exclude each other: leave one of them out")
    if rate is not None and not 0 < rate <= MAX_RATE:
        raise UsageError("--rate", f"must be above 0 and at most {MAX_RATE} requests a second")
    if speed is not None and not 0 < speed < float("inf"):
        raise UsageError("--speed", "must be above 0: 60 replays an hour in a minute")
    if repeat is not None and repeat < 1:
        raise UsageError("--repeat", "must be at least 1")
    if duration is not None and not 0 < duration <= MAX_SECONDS:
        raise UsageError("--duration", f"must be above 0 and at most {MAX_SECONDS} seconds (a day)")


def _check_own(speed: float | None, repeat: int | None, duration: float | None) -> None:
    if speed is not None or repeat is not None:
        option = "--repeat" if speed is None else "--speed"
        raise UsageError(option, f"{option} needs a log to follow: add --trace FILE")
    if duration is None:
        raise UsageError(
            "--trace", "say what to send: --trace FILE, or --duration S for traffic of its own"
        )


def _seconds(
    trace: Trace,
    rate: float | None,
    speed: float | None,
    rounds: int | None,
    duration: float | None,
) -> float:
    once = trace.span / speed if speed else trace.lines / (rate or DEFAULT_RATE)
    if speed and trace.lines / once > MAX_RATE:
        most = MAX_RATE * trace.span / trace.lines
        raise UsageError(
            "--speed",
            f"would send {trace.lines / once:,.0f} requests a second: "
            f"at most --speed {most:g} keeps to {MAX_RATE:,}",
        )
    seconds = min(once * rounds if rounds else float("inf"), duration or float("inf"))
    if seconds > MAX_SECONDS:
        option = "--speed" if speed else "--rate"
        raise UsageError(
            option,
            f"the run would take {seconds / 3600:,.0f} hours, and a day is the most: "
            f"raise {option}, or end it with --duration S",
        )
    return seconds
