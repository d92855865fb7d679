"""The Dependencies dashboard: the gateway and the servers behind the product, each by its use."""

from backend.observability.catalogue import COMPONENT_UP
from dashboards.dependencies.gateway import GATEWAY, UPSTREAM
from dashboards.dependencies.servers import POSTGRES, RABBITMQ, REDIS
from dashboards.expressions import value
from dashboards.lines import YES_NO
from dashboards.model import Dashboard, Form, Line, Panel, Row

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

DEPENDENCIES_DASHBOARD = Dashboard(
    uid="pharos-dependencies",
    title="Pharos / Dependencies and gateway",
    description="Envoy and the servers behind the product. Generated: edit "
    "dashboards/dependencies.",
    rows=(READY, GATEWAY, UPSTREAM, POSTGRES, REDIS, RABBITMQ),
)
