"""The API dashboard: rate, errors and duration by route, and what a request waits for."""

from backend.observability.catalogue import (
    BREAKER_STATE,
    BREAKER_TRANSITIONS,
    CACHE_INVALIDATIONS,
    CACHE_REQUESTS,
    DB_ERRORS,
    DB_POOL,
    DB_POOL_LIMIT,
    HTTP_DURATION,
    HTTP_IN_FLIGHT,
    HTTP_REQUESTS,
)
from dashboards.expressions import buckets, increase, or_zero, per_second, quantile, value
from dashboards.lines import API, FAILED, quantiles
from dashboards.model import Dashboard, Form, Line, Panel, Row, State

_ROUTES = ("route",)
_BY_ROUTE = per_second(HTTP_REQUESTS, _ROUTES, API)
_FAILED_BY_ROUTE = or_zero(per_second(HTTP_REQUESTS, _ROUTES, f"{API},{FAILED}"), _BY_ROUTE)
_HITS = per_second(CACHE_REQUESTS, where='result="hit"')

RED = Row(
    "Rate, errors, duration",
    (
        Panel(
            "Requests by route",
            "Requests answered a second, by route template. Good: the mix that you know; a route "
            "that jumps or stops alone is a client's doing.",
            "reqps",
            (Line("{{route}}", _BY_ROUTE),),
            stacked=True,
        ),
        Panel(
            "Error ratio by route",
            "Share of a route's requests that were answered with 500 or above. Good: zero. One "
            "route alone points to its code, all together to what they share.",
            "percentunit",
            (Line("{{route}}", f"{_FAILED_BY_ROUTE} / {_BY_ROUTE}"),),
        ),
        Panel(
            "p99 by route",
            "The slowest hundredth of a route's requests. Good: under the objective's 100 ms.",
            "s",
            (Line("{{route}}", quantile(HTTP_DURATION, 0.99, _ROUTES, API)),),
            bad_from=0.1,
            requests=True,
        ),
        Panel(
            "Latency",
            "Time to answer, estimated within the histogram's buckets; a dot is one request, and "
            "leads to its log lines. Good: p99 under 100 ms.",
            "s",
            quantiles(HTTP_DURATION, API),
            bad_from=0.1,
            requests=True,
        ),
        Panel(
            "Latency heatmap",
            "Requests a second by how long they took. Good: one warm band low down; a second band "
            "is a second kind of request, or a dependency that is slow for some.",
            "s",
            (Line("{{le}}", buckets(HTTP_DURATION, where=API)),),
            form=Form.HEATMAP,
            requests=True,
        ),
        Panel(
            "Requests by method and status",
            "Requests of the time range that is shown. Good: 2xx and 3xx; many 4xx are a client "
            "that has changed.",
            "short",
            (Line("requests", increase(HTTP_REQUESTS, ("method", "status"), API)),),
            form=Form.TABLE,
        ),
    ),
)

CACHE = Row(
    "Cache and breakers",
    (
        Panel(
            "Cache look-ups",
            "Look-ups a second by result: misses and errors are answered from PostgreSQL. Good: "
            "hits on top, no errors.",
            "ops",
            (Line("{{result}}", per_second(CACHE_REQUESTS, ("result",))),),
            stacked=True,
        ),
        Panel(
            "Cache hit ratio",
            "Share of look-ups that the cache answered. Good: steady; a fall moves reads to "
            "PostgreSQL.",
            "percentunit",
            (
                Line(
                    "hits",
                    f"{or_zero(_HITS, per_second(CACHE_REQUESTS))} / {per_second(CACHE_REQUESTS)}",
                ),
            ),
        ),
        Panel(
            "Cache invalidations",
            "Entries invalidated a second after a commit. Good: no errors; each error makes the "
            "replica distrust the cache until it is sure again.",
            "ops",
            (
                Line(
                    "{{result}}",
                    per_second(CACHE_INVALIDATIONS, ("result",)),
                    after="a user was changed or deleted",
                ),
            ),
        ),
        Panel(
            "Breakers",
            "The worst state of each dependency's breaker among the replicas. Good: closed. Open: "
            "requests fail at once instead of waiting for what is away.",
            "short",
            (Line("{{dependency}}", value(BREAKER_STATE, ("dependency",), aggregate="max")),),
            width=12,
            form=Form.STATES,
            states=(
                State(0, "closed", "green"),
                State(1, "half open", "orange"),
                State(2, "open", "red"),
            ),
        ),
        Panel(
            "Changes of breakers",
            "Changes by dependency and state entered, in the time range that is shown. Good: none.",
            "short",
            (
                Line(
                    "changes",
                    increase(BREAKER_TRANSITIONS, ("dependency", "state")),
                    after="a breaker has changed its state",
                ),
            ),
            width=12,
            form=Form.TABLE,
        ),
    ),
)

_USED = value(DB_POOL, ("instance",), 'state="used"')

WAITING = Row(
    "What requests wait for",
    (
        Panel(
            "In flight",
            "Requests that each replica is answering now. Good: even among replicas; one that "
            "grows alone is stuck.",
            "short",
            (Line("{{instance}}", value(HTTP_IN_FLIGHT, ("instance",), API)),),
        ),
        Panel(
            "Pool in use",
            "Share of the database connections that the pool may open which work now. Good: below "
            "80%; at 100% requests queue for a connection.",
            "percentunit",
            (Line("{{instance}}", f"{_USED} / {value(DB_POOL_LIMIT, ('instance',))}"),),
            bad_from=0.8,
        ),
        Panel(
            "Database errors",
            "Statements a second that PostgreSQL did not serve: away opens the breaker, busy does "
            "not. Good: none.",
            "ops",
            (
                Line(
                    "{{instance}} {{kind}}",
                    per_second(DB_ERRORS, ("instance", "kind")),
                    after="PostgreSQL has been away or busy",
                ),
            ),
        ),
    ),
)

API_DASHBOARD = Dashboard(
    uid="pharos-api",
    title="Pharos / API",
    description="Requests by route, and what they wait for. Generated: edit dashboards/api.py.",
    rows=(RED, CACHE, WAITING),
)
