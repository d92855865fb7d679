"""The Dependencies dashboard: the gateway and the servers behind the product, by use."""

from backend.observability.catalogue import (
    COMPONENT_UP,
    GATEWAY_CERTIFICATE_DAYS,
    GATEWAY_EJECTED,
    GATEWAY_ENDPOINTS,
    GATEWAY_RESPONSES,
    GATEWAY_RETRIES,
)
from dashboards.expressions import per_second, value
from dashboards.lines import YES_NO
from dashboards.model import Dashboard, Form, Line, Panel, Row

CLIENTS = 'envoy_http_conn_manager_prefix="gateway"'
UPSTREAM = 'envoy_cluster_name="api"'

READY = Row(
    "Which there are",
    (
        Panel(
            "Components",
            "Whether each component's health check passes. Good: yes.",
            "short",
            (Line("{{component}}", value(COMPONENT_UP, ("component",), aggregate="min")),),
            width=24,
            form=Form.STATES,
            states=YES_NO,
        ),
    ),
)

GATEWAY = Row(
    "Gateway",
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
            stacked=True,
        ),
        Panel(
            "Tried again",
            "Attempts a second beyond a request's first. Good: none.",
            "reqps",
            (Line("retries", per_second(GATEWAY_RETRIES, where=UPSTREAM)),),
        ),
        Panel(
            "Endpoints",
            "Replicas that the gateway may send requests to, and those that it avoids. Good: all "
            "healthy, none ejected.",
            "short",
            (
                Line("healthy", value(GATEWAY_ENDPOINTS, where=UPSTREAM)),
                Line("ejected", value(GATEWAY_EJECTED, where=UPSTREAM)),
            ),
        ),
        Panel(
            "Certificate",
            "Days until the first certificate that is served expires. Good: above 14.",
            "d",
            (Line("days", value(GATEWAY_CERTIFICATE_DAYS, aggregate="min")),),
            form=Form.STAT,
            bad_below=14,
        ),
    ),
)

DEPENDENCIES_DASHBOARD = Dashboard(
    uid="pharos-dependencies",
    title="Pharos / Dependencies and gateway",
    description="Envoy and the servers behind the product. Generated: edit "
    "dashboards/dependencies.py.",
    rows=(READY, GATEWAY),
)
