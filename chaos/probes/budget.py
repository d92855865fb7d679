"""Waits until a fault has spent just enough of an error budget for an alert of it.

A fault that lasts for a fixed time spends too little on a stack that has run for
a day, and on a young one so much that the alert fires for half an hour. So the
dose is counted in failures, by what the objective itself is counted from:
as many as the alert needs to burn until its `for` is over, however long they
take to come. For the slow alert it is counted against a history that was
written in beforehand.
"""

import time
from collections.abc import Callable, Iterator

from alerts.objectives.burning import FAST, SLOW, Pair, limit
from alerts.objectives.document import load_slos
from alerts.objectives.model import Delay, Slo
from alerts.objectives.recordings import QUICK, STEP
from alerts.objectives.selecting import BASE, counted_bad, of
from alerts.tokens import duration
from backend.observability.catalogue import ERROR_RATIOS, SLI_TOTAL
from chaos.drill import Drill, Numbers, activity, checked_by, current
from chaos.errors import BlindError, NoSampleError, NotSpentError
from chaos.probes.dose import Window

# From the fault's end until the alert fires at the latest: until the rates have all of it, until
# they are recorded and the ratios looked at, and its `for`. A slow ratio is a minute late besides.
HOLD_SECONDS = duration(BASE) / 1000 + 2 * STEP + duration(FAST.hold) / 1000
SLOW_RATIO_SECONDS = 60.0
MARGIN = 1.05
# A young stack's failures are counted by whole minutes, of which some are missing.
FEWEST = 1.5
# A written history lacks a twentieth of what the alert needs: twice that is a tenth.
TIPPING = 2.0
SCRAPE_SECONDS = 2.0
Problem = tuple[tuple[str, ...], str]
Dose = Callable[[float], float]


def _unknown(slo: str, within: float) -> Iterator[Problem]:  # noqa: ARG001
    """Yield what is wrong with the arguments of either wait, each with its place."""
    known = [each.name for each in load_slos()]
    if slo not in known:
        yield ("slo",), f"there is no objective {slo}: name one of {', '.join(known)}"


@checked_by(_unknown)
@activity
def measured(slo: str, within: float) -> bool:
    """Wait until the rates of `slo` are recorded, which a stack that just started lacks.

    Asked before the fault: whoever waits for them after it spends without counting.

    Raises:
        BlindError: they are not within `within` seconds, or nobody answers.
    """
    drill, objective = current(), _objective(slo)
    missing = BlindError(f"nothing was asked for the rates of {slo}")
    for _ in drill.poll_until(within):
        try:
            _fast_dose(drill.numbers, objective)
        except NoSampleError as error:
            missing = error
        else:
            return True
    raise BlindError(f"{missing}, and none came within {within:g} s: is there traffic?")


@checked_by(_unknown)
@activity
def spent(slo: str, within: float) -> float:
    """Wait until the fault has made `slo` miss so often that its fast alert must fire.

    Returns how many failures that are.

    Raises:
        NotSpentError: they are not so many within `within` seconds.
        BlindError: they cannot be counted, or could not in the end.
    """
    drill, objective = current(), _objective(slo)
    dose = _fast_dose(drill.numbers, objective)
    fewest = FEWEST * objective.fewest_bad
    return _waited(drill, objective, lambda gone: max(fewest, MARGIN * dose(gone)), within)


@checked_by(_unknown)
@activity
def tipped(slo: str, within: float) -> float:
    """Wait until the fault has tipped a history that almost fires the slow alert of `slo`.

    Returns and raises as `spent`. What leaves the windows is replaced by as
    much that comes, so nothing dilutes it.
    """
    drill, objective = current(), _objective(slo)
    dose = _dose(drill.history, objective, SLOW.pairs[0])
    needed = TIPPING * dose(0.0)
    return _waited(drill, objective, lambda _: needed, within)


def _objective(slo: str) -> Slo:
    return next(each for each in load_slos() if each.name == slo)


def _fast_dose(numbers: Numbers, slo: Slo) -> Dose:
    """Return how many failures fire the fast alert if they have come in so many seconds."""
    doses = [(_dose(numbers, slo, pair), _hold(pair)) for pair in FAST.pairs]
    return lambda gone: min(dose(gone + hold) for dose, hold in doses)


def _hold(pair: Pair) -> float:
    return HOLD_SECONDS + (0.0 if pair.long in QUICK else SLOW_RATIO_SECONDS)


def _dose(numbers: Numbers, slo: Slo, pair: Pair) -> Dose:
    """Return how many failures both windows of `pair` lack, as they are now, so many seconds on."""
    most = float(limit(slo, pair))
    windows = [_window(numbers, slo, window) for window in (pair.long, pair.short)]
    return lambda ahead: max(window.lacks(most, ahead) for window in windows)


def _window(numbers: Numbers, slo: Slo, window: str) -> Window:
    series = f"{SLI_TOTAL.name}{of(slo)}"
    events = numbers.number(f"sum_over_time({series}[{window}])") * STEP
    bad = numbers.number(_ratio(window, slo)) * events
    return Window(duration(window) / 1000, events, bad, numbers.number(series))


def _ratio(window: str, slo: Slo) -> str:
    return f"{ERROR_RATIOS[window].name}{of(slo)}"


def _waited(drill: Drill, slo: Slo, dose: Dose, within: float) -> float:
    begun, failures, blind = _begun(drill, slo), 0.0, ""
    for gone in drill.poll_until(within):
        try:
            failures, blind = _bad(drill, slo) - _bad(drill, slo, begun), ""
        except BlindError as error:
            # One answer that is late ends no dose that takes twenty minutes.
            blind = str(error)
        if failures >= dose(gone):
            return failures
    words = f"only {failures:.0f} of the {dose(within):.0f} {slo.counts} that it takes failed"
    if blind:
        raise BlindError(f"{words} within {within:g} s, as far as was seen: {blind}")
    raise NotSpentError(f"{words} within {within:g} s")


def _begun(drill: Drill, slo: Slo) -> float:
    """Return as of when failures count, in Unix seconds.

    What is late entered after the fault was made, which is now at the latest:
    from the next scrape on, so that nothing is counted that was not late.
    """
    if drill.facts.fault_at is None:
        raise BlindError("nothing was injected, so nothing is spent")
    if isinstance(slo.indicator, Delay):
        return time.time() + SCRAPE_SECONDS + slo.indicator.seconds
    return drill.facts.fault_at.timestamp()


def _bad(drill: Drill, slo: Slo, at: float | None = None) -> float:
    return drill.numbers.number(counted_bad(slo.indicator), at)
