"""Whether what the last drill made objectives miss may call somebody yet, during the next one.

The mean over a window rises above a limit only while what comes is above it. So what
may page yet is an objective whose share of misses was above the lowest limit of its fast
alert, in any minute that a ratio which is recorded late does not know of yet.
"""

from functools import cache

from alerts.objectives.burning import FAST, limit
from alerts.objectives.document import load_slos
from alerts.objectives.model import Delay, Slo
from alerts.objectives.recordings import STEP
from alerts.objectives.selecting import BASE, of
from alerts.tokens import duration
from backend.observability.catalogue import SLI_BAD, SLI_IN_TIME, SLI_SETTLED, SLI_TOTAL
from chaos.probes.budget import SLOW_RATIO_SECONDS
from chaos.signals.alerting import PAGE

# A slow ratio is late by this, and the alerts look at it each step.
UNRECORDED_SECONDS = SLOW_RATIO_SECONDS + STEP
# Until the rates have forgotten the last miss, that, and a step to spare.
SETTLING_SECONDS = duration(BASE) / 1000 + UNRECORDED_SECONDS + STEP


@cache
def may_page_yet() -> str:
    """Return PromQL that finds these objectives; none whose page is pending or fires already."""
    missed = "\nor ".join(_missed(slo) for slo in load_slos())
    return f'(\n{missed}\n) unless on (slo) ALERTS{{severity="{PAGE}"}}'


def _missed(slo: Slo) -> str:
    lowest = min((limit(slo, pair) for pair in FAST.pairs), key=float)
    return f"max_over_time(({_share(slo)})[{UNRECORDED_SECONDS:g}s:{STEP}s]) > {lowest}"


def _share(slo: Slo) -> str:
    if isinstance(slo.indicator, Delay):
        return f"1 - {SLI_IN_TIME.name}{of(slo)} / ({SLI_SETTLED.name} > 0)"
    return f"{SLI_BAD.name}{of(slo)} / ({SLI_TOTAL.name} > 0)"
