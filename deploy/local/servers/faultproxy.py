"""The fault proxy between the product and its servers; only with `--with faults`.

Only the product's processes go through it: the exporters, the node agent and
the control service ask the servers themselves, so that a fault on the way is
told from a server that is away.
"""

import json
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from deploy.home import PROJECT, Home
from deploy.local.component import Component, Health
from deploy.local.servers import postgres, rabbitmq, redis
from deploy.local.servers.files import write_config
from deploy.local.servers.probe import HOST, NotHealthyError, get_json, healthy

NAME = "faultproxy"
# The product's variable for the port of each server that it reaches through the proxy.
PROXIED: Mapping[str, str] = {
    postgres.NAME: "PHAROS_POSTGRES_PORT",
    redis.NAME: "PHAROS_REDIS_PORT",
    rabbitmq.NAME: "PHAROS_RABBITMQ_PORT",
}
REMEDY = (
    "The product reaches its servers through it: `pharos down`, then `up` without --with faults "
    "starts it without"
)


def component(home: Home) -> Component:
    """Return the proxy; its proxies are there before its API answers."""
    return Component(
        name=NAME,
        argv=(sys.executable, "-m", "deploy.faultproxy", *_arguments(home)),
        cwd=PROJECT,
        log=home.logs / f"{NAME}.out",
        health=partial(check, home),
        port=home.ports[NAME],
        extra_ports=tuple(_port(home, server) for server in PROXIED),
        env={"PHAROS_LOG_FILE": str(home.logs / f"{NAME}.log"), "PYTHONUNBUFFERED": "1"},
        prepare=lambda: write_config(_config(home), proxies(home)),
        remedy=REMEDY,
    )


def check(home: Home) -> Health:
    """Healthy while it has a proxy for each server, whatever fault is on it."""
    return healthy(partial(_ask, home))


def product_environment(home: Home) -> dict[str, str]:
    """Return what leads a process of the product through the proxy."""
    return {variable: str(_port(home, server)) for server, variable in PROXIED.items()}


def proxies(home: Home) -> str:
    """Return the proxies to begin with, as Toxiproxy's configuration (JSON)."""
    return json.dumps(
        [
            {
                "name": server,
                "listen": f"{HOST}:{_port(home, server)}",
                "upstream": f"{HOST}:{home.ports[server]}",
                "enabled": True,
            }
            for server in PROXIED
        ],
        indent=1,
    )


def faults(home: Home) -> list[str]:
    """Return in words what is on the way to the servers at this moment.

    Raises:
        NotHealthyError, OSError: the proxy does not answer.
    """
    answer: dict[str, Any] = get_json(home.ports[NAME], "/proxies")
    refused = [f"{name} is refused" for name, proxy in answer.items() if not proxy["enabled"]]
    toxics = [
        f"{name} has the {toxic['type']} toxic {toxic['name']} ({toxic['stream']})"
        for name, proxy in answer.items()
        for toxic in proxy["toxics"]
    ]
    return [*refused, *toxics]


def _ask(home: Home) -> str:
    missing = PROXIED.keys() - get_json(home.ports[NAME], "/proxies").keys()
    if missing:
        raise NotHealthyError(f"it has no proxy for {', '.join(sorted(missing))}")
    return str(get_json(home.ports[NAME], "/version")["version"])


def _port(home: Home, server: str) -> int:
    return home.ports[f"{NAME}-{server}"]


def _config(home: Home) -> Path:
    return home.conf / f"{NAME}.json"


def _arguments(home: Home) -> tuple[str, ...]:
    return ("--port", str(home.ports[NAME]), "--config", str(_config(home)))
