"""Steady state at the gateway: are users served, correctly and in time?

Each probe answers true or false, and leaves what it saw in words. When hardly
anybody is there, ratios and quantiles mean nothing: then it says so, and what
decides is `answers`, a request of the drill's own.
"""

import time
from contextlib import suppress

import httpx

from chaos.drill import activity, current
from chaos.errors import NoSampleError
from chaos.probes.window import Window, last_seconds
from chaos.schemas import FEWEST, in_words

TIMEOUT = 5.0
SCRAPE_WAIT = 10.0  # seconds beyond the window, for a gateway that has only just been started


@activity
def error_ratio_below(limit: float, window: float) -> bool:
    """Return whether fewer than `limit` (0 to 1) of the last `window` seconds' requests failed.

    With too few requests to speak of a ratio, each failed one counts.
    """
    seen = _last(window)
    if seen.requests < FEWEST:
        _say(
            f"{_hardly_any(seen)}, {seen.failed:.0f} failed" if seen.requests else _hardly_any(seen)
        )
        return seen.failed == 0
    ratio = seen.failed / seen.requests
    _say(f"{seen.failed:.0f} of {in_words(seen.requests)} failed in {seen.seconds:.0f} s")
    return ratio < limit


@activity
def p99_below(limit_seconds: float, window: float) -> bool:
    """Return whether 99 % of the last `window` seconds' requests took less than `limit_seconds`."""
    seen = _last(window)
    if seen.p99 is None or seen.requests < FEWEST:
        _say(f"p99 not judged: {_hardly_any(seen)}")
        return True
    _say(f"p99 {seen.p99 * 1000:.0f} ms")
    return seen.p99 < limit_seconds


@activity
def answers(path: str) -> bool:
    """Return whether the gateway answers `GET path` with 200."""
    drill = current()
    drill.facts.own_requests.append(time.time())
    try:
        status = httpx.get(f"{drill.gateway}{path}", timeout=TIMEOUT, trust_env=False).status_code
    except httpx.TransportError as error:
        _say(f"the gateway does not answer GET {path}: {error}")
        return False
    _say(f"the gateway answered GET {path} with {status}")
    return status == httpx.codes.OK


def _last(seconds: float) -> Window:
    """Return the window that ends now; waits for it where the gateway is younger than it.

    Raises:
        BlindError: the counters cannot be read, or even then not for so long.
    """
    drill = current()
    for _ in drill.poll_until(seconds + SCRAPE_WAIT):
        with suppress(NoSampleError):
            return last_seconds(drill.traffic, seconds)
    return last_seconds(drill.traffic, seconds)


def _hardly_any(seen: Window) -> str:
    if not seen.requests:
        return f"no traffic in {seen.seconds:.0f} s"
    return f"only {in_words(seen.requests)} in {seen.seconds:.0f} s"


def _say(words: str) -> None:
    current().facts.readings.append(words)
