"""Envoy: what clients get from it, and what it gets from the replicas."""

from backend.observability.catalogue import (
    GATEWAY_ACTIVE,
    GATEWAY_CERTIFICATE_DAYS,
    GATEWAY_CLIENTS,
    GATEWAY_DURATION,
    GATEWAY_EJECTED,
    GATEWAY_ENDPOINTS,
    GATEWAY_MEMBERS,
    GATEWAY_RESPONSES,
    GATEWAY_RETRIES,
    GATEWAY_RETRIES_REFUSED,
    UPSTREAM_ACTIVE,
    UPSTREAM_CONNECT_FAILURES,
    UPSTREAM_DURATION,
    UPSTREAM_OVERFLOWS,
    UPSTREAM_TIMEOUTS,
)
from dashboards.expressions import per_second, quantile, value
from dashboards.model import Form, Line, Panel, Row

CLIENTS = 'envoy_http_conn_manager_prefix="gateway"'
REPLICAS = 'envoy_cluster_name="api"'

GATEWAY = Row(
    "Gateway: clients",
    (
        Panel(
            "Answers to clients",
            "Answers a second by class of status, the gateway's own among them. Good: 2xx and 3xx.",
            "reqps",
            (
                Line(
                    "{{envoy_response_code_class}}xx",
                    per_second(GATEWAY_RESPONSES, ("envoy_response_code_class",), CLIENTS),
                ),
            ),
            width=6,
            stacked=True,
        ),
        Panel(
            "Time to answer clients",
            "As clients see it, with all that was tried again, estimated within buckets. Good: "
            "close to the replicas' own.",
            "ms",
            tuple(
                Line(f"p{share * 100:.0f}", quantile(GATEWAY_DURATION, share, where=CLIENTS))
                for share in (0.5, 0.95, 0.99)
            ),
            width=6,
        ),
        Panel(
            "Clients and their requests",
            "Connections of clients, and requests being answered now. Good: far below the limits "
            "of the listener.",
            "short",
            (
                Line("connections", value(GATEWAY_CLIENTS, where=CLIENTS)),
                Line("requests", value(GATEWAY_ACTIVE, where=CLIENTS)),
            ),
            width=6,
        ),
        Panel(
            "Certificate",
            "Days until the first certificate that is served expires. Good: above 14.",
            "d",
            (Line("days", value(GATEWAY_CERTIFICATE_DAYS, aggregate="min")),),
            width=6,
            form=Form.STAT,
            bad_below=14,
        ),
    ),
)

UPSTREAM = Row(
    "Gateway: replicas",
    (
        Panel(
            "Endpoints",
            "Replicas that the gateway knows, may send requests to, and avoids. Good: all healthy, "
            "none ejected.",
            "short",
            (
                Line("known", value(GATEWAY_MEMBERS, where=REPLICAS)),
                Line("healthy", value(GATEWAY_ENDPOINTS, where=REPLICAS)),
                Line("ejected", value(GATEWAY_EJECTED, where=REPLICAS)),
            ),
            width=6,
        ),
        Panel(
            "Time of an attempt",
            "One attempt at a replica, estimated within buckets. Good: milliseconds; the rest of "
            "the clients' time is waiting and trying again.",
            "ms",
            tuple(
                Line(f"p{share * 100:.0f}", quantile(UPSTREAM_DURATION, share, where=REPLICAS))
                for share in (0.5, 0.95, 0.99)
            ),
            width=6,
        ),
        Panel(
            "Tried again",
            "Attempts a second beyond a request's first, and those that the budget for them "
            "refused. Good: none; refused ones reach the client as errors.",
            "reqps",
            (
                Line("tried again", per_second(GATEWAY_RETRIES, where=REPLICAS)),
                Line("refused", per_second(GATEWAY_RETRIES_REFUSED, where=REPLICAS)),
            ),
            width=6,
        ),
        Panel(
            "Failed attempts",
            "Connections not made, attempts that took too long, requests turned away since too "
            "many were waiting, a second; and requests at the replicas now. Good: none failed.",
            "short",
            (
                Line("not connected", per_second(UPSTREAM_CONNECT_FAILURES, where=REPLICAS)),
                Line("too long", per_second(UPSTREAM_TIMEOUTS, where=REPLICAS)),
                Line("turned away", per_second(UPSTREAM_OVERFLOWS, where=REPLICAS)),
                Line("at the replicas now", value(UPSTREAM_ACTIVE, where=REPLICAS)),
            ),
            width=6,
        ),
    ),
)
