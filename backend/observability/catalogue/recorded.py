"""What Prometheus records by itself from `alerts/slos.yaml`: names for dashboards, rules and pages.

Named level:metric:operations, as Prometheus advises. Each series carries the
name of its objective as `slo`, and nothing else. Where nothing was asked for,
there is no ratio: no sample, rather than a perfect one.
"""

from backend.observability.catalogue.spec import Recorded

# The windows of the burn-rate alerts; a page looks at two of them, a ticket at two others.
SLO_WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
# The longer window of each pair, over which failures are counted as well.
SLO_LONG_WINDOWS = ("1h", "6h", "1d", "3d")

_SLO = ("slo",)

SLI_TOTAL = Recorded(
    "slo:sli_total:rate1m", "What an objective counts, good or bad, a second.", _SLO
)
SLI_BAD = Recorded("slo:sli_bad:rate1m", "What failed the objective, a second.", _SLO)
# For an objective on delay, whose failures may never come to an end that could be counted.
SLI_SETTLED = Recorded(
    "slo:sli_settled:rate1m", "What has come to an end, in time, late or failed, a second.", _SLO
)
SLI_IN_TIME = Recorded("slo:sli_in_time:rate1m", "What of it was in time, a second.", _SLO)

ERROR_RATIOS = {
    window: Recorded(
        f"slo:sli_error:ratio_rate{window}",
        f"Share of what failed the objective over {window}; none without traffic.",
        _SLO,
    )
    for window in SLO_WINDOWS
}
BAD_COUNTS = {
    window: Recorded(
        f"slo:sli_bad:increase{window}", f"How many failed the objective over {window}.", _SLO
    )
    for window in SLO_LONG_WINDOWS
}
BUDGET_LEFT = Recorded(
    "slo:error_budget_left:ratio",
    "What is left of the error budget of the objective's window: 1 all, 0 nothing, less is debt.",
    _SLO,
)

RECORDED: tuple[Recorded, ...] = (
    SLI_TOTAL,
    SLI_BAD,
    SLI_SETTLED,
    SLI_IN_TIME,
    *ERROR_RATIOS.values(),
    *BAD_COUNTS.values(),
    BUDGET_LEFT,
)
