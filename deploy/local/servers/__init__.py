"""Describes each server as a component: how to prepare, start, watch and stop it."""

from collections.abc import Callable
from functools import partial

from deploy.home import Home
from deploy.local.acquire import Programs
from deploy.local.component import Component, Health
from deploy.local.servers import (
    alertmanager,
    epmd,
    exporters,
    gateway,
    postgres,
    prometheus,
    rabbitmq,
    redis,
)

__all__ = ["components", "health_checks"]


def components(home: Home, programs: Programs, *, replicas: int = 2) -> list[Component]:
    """Return the servers in start order.

    Only the broker depends on another server: epmd must be healthy before it.
    `replicas` is the number of api replicas that the gateway expects at first.
    """
    return [
        postgres.component(home, programs),
        redis.component(home, programs),
        epmd.component(home, programs),
        rabbitmq.component(home, programs),
        prometheus.component(home, programs),
        alertmanager.component(home, programs),
        gateway.component(home, programs, replicas),
        *exporters.components(home, programs),
    ]


def health_checks(home: Home) -> dict[str, Callable[[], Health]]:
    """Return each server's health check by component name; no program is needed for them."""
    checks: dict[str, Callable[[Home], Health]] = {
        "postgres": postgres.check,
        "redis": redis.check,
        "epmd": epmd.check,
        "rabbitmq": rabbitmq.check,
        "prometheus": prometheus.check,
        "alertmanager": alertmanager.check,
        "gateway": gateway.check,
    }
    for name in (exporters.POSTGRES, exporters.REDIS):
        checks[name] = partial(exporters.check, name=name)
    return {name: partial(check, home) for name, check in checks.items()}
