"""The Overview dashboard: is the product well, and if not, where to look."""

from backend.observability.catalogue import (
    ALERTS,
    BUDGET_LEFT,
    CONSUMER_EVENTS,
    CPU,
    DB_POOL,
    DB_POOL_LIMIT,
    ERROR_RATIOS,
    EVENT_FRESHNESS,
    EVENTS_ACCEPTED,
    GATEWAY_RETRIES,
    HTTP_DURATION,
    HTTP_IN_FLIGHT,
    HTTP_REQUESTS,
    LOOP_LAG,
    OUTBOX_AGE,
    QUEUE_MESSAGES,
    RELAY_PUBLISHED,
    REPLICAS_DESIRED,
    REPLICAS_READY,
    SLI_BAD,
    SLI_TOTAL,
)
from dashboards.expressions import or_none, or_zero, per_second, quantile, value
from dashboards.lines import API, DEAD, FAILED, PRODUCT, quantiles
from dashboards.model import Dashboard, Form, Line, Panel, Row

_ALL = per_second(HTTP_REQUESTS, where=API)
_FAILED = or_zero(per_second(HTTP_REQUESTS, where=f"{API},{FAILED}"), _ALL)
_USED = value(DB_POOL, where='state="used"')
_POOL = f"{_USED} / {value(DB_POOL_LIMIT)}"

_FIRING = 'alertstate="firing",severity=~"page|ticket"'

NOW = Row(
    "Now",
    (
        Panel(
            "Requests",
            "Requests answered a second. Good: what this time of the day brings.",
            "reqps",
            (Line("requests", _ALL),),
            width=4,
            form=Form.STAT,
        ),
        Panel(
            "Errors",
            "Share of requests answered with 500 or above. Good: zero.",
            "percentunit",
            (Line("errors", f"{_FAILED} / {_ALL}"),),
            width=4,
            form=Form.STAT,
            bad_from=0.001,
        ),
        Panel(
            "p99",
            "The slowest hundredth of requests. Good: under the objective's 100 ms.",
            "s",
            (Line("p99", quantile(HTTP_DURATION, 0.99, where=API)),),
            width=4,
            form=Form.STAT,
            bad_from=0.1,
        ),
        Panel(
            "Replicas missing",
            "Replicas that are wanted and not ready. Good: zero; it pages as ReplicaDown.",
            "short",
            (Line("missing", f"{value(REPLICAS_DESIRED)} - {value(REPLICAS_READY)}"),),
            width=4,
            form=Form.STAT,
            minimum=None,
            bad_from=1,
        ),
        Panel(
            "Dead letters",
            "Messages that failed for good and wait for a person. Good: zero.",
            "short",
            (Line("messages", value(QUEUE_MESSAGES, where=DEAD)),),
            width=4,
            form=Form.STAT,
            bad_from=1,
        ),
        Panel(
            "Alerts that fire",
            "Alerts that fire now, the watchdog aside. Good: none.",
            "short",
            (Line("alerts", or_none(value(ALERTS, where=_FIRING, aggregate="count"))),),
            width=4,
            form=Form.STAT,
            bad_from=1,
        ),
    ),
)

_SLO = ("slo",)

OBJECTIVES = Row(
    "Objectives",
    (
        Panel(
            "Error budget left",
            "What is left of each objective's error budget of its window: 100% all, 0% nothing, "
            "less is debt. Good: above the share of the window that is still to come.",
            "percentunit",
            (Line("{{slo}}", value(BUDGET_LEFT, _SLO, aggregate="min")),),
            form=Form.BARS,
            minimum=None,
            bad_below=0,
        ),
        Panel(
            "Failing the objectives, last hour",
            "Share of what each objective counts that failed it within an hour, whose burn pages "
            "together with the last five minutes. Good: far below what the objective allows.",
            "percentunit",
            (Line("{{slo}}", value(ERROR_RATIOS["1h"], _SLO, aggregate="max")),),
        ),
        Panel(
            "Counted by the objectives",
            "What each objective counts a second, and what failed it. Good: the traffic that you "
            "know; an objective that counts nothing proves nothing.",
            "cps",
            (
                Line("{{slo}}", value(SLI_TOTAL, _SLO)),
                Line("{{slo}} failed", value(SLI_BAD, _SLO)),
            ),
        ),
    ),
)

GOLDEN = Row(
    "Golden signals",
    (
        Panel(
            "Requests by status",
            "Traffic: requests answered a second, by status code. Good: 2xx and 3xx.",
            "reqps",
            (Line("{{status}}", per_second(HTTP_REQUESTS, ("status",), API)),),
            width=6,
            stacked=True,
        ),
        Panel(
            "Error ratio",
            "Errors: share of requests that were answered with a status of 500 or above. Good: "
            "zero.",
            "percentunit",
            (Line("errors", f"{_FAILED} / {_ALL}"),),
            width=6,
        ),
        Panel(
            "Latency",
            "Time to answer, estimated within the histogram's buckets; a dot is one request, and "
            "leads to its log lines. Good: p99 under 100 ms.",
            "s",
            quantiles(HTTP_DURATION, API),
            width=6,
            bad_from=0.1,
            requests=True,
        ),
        Panel(
            "Saturation",
            "How full the product is: its busiest process, its database connections, its most "
            "delayed event loop's p99 in tenths of a second. Good: each below 80%.",
            "percentunit",
            (
                Line("CPU of the busiest", f"max ({per_second(CPU, ('instance',), PRODUCT)})"),
                Line("database connections", _POOL),
                Line(
                    "loop lag",
                    f"10 * max ({quantile(LOOP_LAG, 0.99, ('instance',), PRODUCT)})",
                ),
            ),
            width=6,
            bad_from=0.8,
        ),
    ),
)

WHERE = Row(
    "Where to look",
    (
        Panel(
            "Wanted and ready",
            "Replicas by role: asked for, and ready. Good: equal. A gap that stays pages as "
            "ReplicaDown.",
            "short",
            (
                Line("{{role}} wanted", value(REPLICAS_DESIRED, ("role",))),
                Line("{{role}} ready", value(REPLICAS_READY, ("role",))),
            ),
        ),
        Panel(
            "In flight",
            "Requests being answered now, by replica. Good: even among replicas.",
            "short",
            (Line("{{instance}}", value(HTTP_IN_FLIGHT, ("instance",), API)),),
        ),
        Panel(
            "Tried again by the gateway",
            "Attempts a second beyond a request's first: what clients would have seen fail. Good: "
            "none.",
            "reqps",
            (Line("retries", per_second(GATEWAY_RETRIES, where='envoy_cluster_name="api"')),),
        ),
        Panel(
            "From acceptance to the read model",
            "Events a second at each station. Good: one line upon the other; lines that part show "
            "where events wait.",
            "cps",
            (
                Line("accepted", per_second(EVENTS_ACCEPTED, where='result="new"')),
                Line("published", per_second(RELAY_PUBLISHED, where='outcome="acked"')),
                Line("applied", per_second(CONSUMER_EVENTS, where='outcome="applied"')),
            ),
        ),
        Panel(
            "Freshness",
            "Time from an event's acceptance to its place in the read model. Good: under the "
            "objective's 5 s.",
            "s",
            quantiles(EVENT_FRESHNESS),
            bad_from=5,
        ),
        Panel(
            "Outbox age",
            "Age of the oldest event that is not published. Good: under a second; above 30 s it "
            "pages as OutboxAgeing.",
            "s",
            (Line("oldest", value(OUTBOX_AGE, aggregate="max")),),
            bad_from=30,
        ),
    ),
)

OVERVIEW = Dashboard(
    uid="pharos-overview",
    title="Pharos / Overview",
    description="Is the product well, and if not, where to look. Generated: edit "
    "dashboards/overview.py.",
    rows=(NOW, OBJECTIVES, GOLDEN, WHERE),
)
