"""What users felt between the fault and the recovery, counted at the gateway."""

from dataclasses import replace

from chaos.drill import Drill, Totals, activity, current
from chaos.errors import BlindError
from chaos.journal import utc_now
from chaos.probes.window import Window, between
from chaos.schemas import Impact, Kind, in_words

SCRAPE_WAIT = 10.0  # seconds; the gateway is scraped each 2 s


@activity
def felt(before_seconds: float) -> dict[str, float | None]:
    """Measure the impact; p99 before the fault is that of `before_seconds`.

    From the last scrape before the fault to the first after the recovery (or
    until now, without one): what happened in between is never left out, and up
    to a scrape interval on either side is counted in.

    Raises:
        BlindError: the counters cannot be read for that stretch.
    """
    drill = current()
    if drill.facts.fault_at is None:
        raise BlindError("nothing was injected, so there is no impact to measure")
    fault_at = drill.facts.fault_at.timestamp()
    until = (drill.facts.recovered_at or utc_now()).timestamp()
    start = drill.traffic.totals(fault_at)
    during = _without_own(between(start, _sample_after(drill, until)), start, drill)
    impact = Impact(
        requests=during.requests,
        failed=during.failed,
        error_ratio=during.error_ratio,
        p99_before_seconds=_p99_before(drill, start, before_seconds),
        p99_during_seconds=during.p99,
    )
    drill.facts.impact = impact
    drill.journal.write(Kind.IMPACT, _told(impact, during), **impact.model_dump())
    return impact.model_dump()


def _without_own(window: Window, start: Totals, drill: Drill) -> Window:
    """Leave the drill's own requests out: it is no user, and must not look like traffic.

    Those of its own that failed stay: no surge, scan or flood makes less of what is wrong.
    """
    requests = max(0.0, window.requests - drill.facts.own_since(start.at))
    return replace(window, requests=requests, p99=window.p99 if requests else None)


def _told(impact: Impact, during: Window) -> str:
    """Say what users felt; that nobody was there is not that nobody felt anything."""
    if not impact.requests:
        return "No traffic between fault and recovery: what users would have felt is not known"
    felt_by = f"{impact.failed:.0f} of {in_words(impact.requests)} failed"
    before, meanwhile = (
        _in_milliseconds(p99) for p99 in (impact.p99_before_seconds, impact.p99_during_seconds)
    )
    return f"{felt_by} in {during.seconds:.0f} s, p99 {meanwhile} (before: {before})"


def _in_milliseconds(seconds: float | None) -> str:
    if seconds is None:
        return "unknown"
    return "under 1 ms" if seconds < 0.001 else f"{seconds * 1000:.0f} ms"


def _sample_after(drill: Drill, moment: float) -> Totals:
    for _ in drill.poll_until(SCRAPE_WAIT):
        newest = drill.traffic.totals()
        if newest.at >= moment:
            return newest
    raise BlindError(f"the gateway was not scraped within {SCRAPE_WAIT:.0f} s after the recovery")


def _p99_before(drill: Drill, start: Totals, seconds: float) -> float | None:
    """Return None where the gateway was not up for so long: it is only there to compare."""
    try:
        return between(drill.traffic.totals(start.at - seconds), start).p99
    except BlindError as error:
        drill.facts.readings.append(f"p99 before the fault is not known: {error}")
        return None
