"""The components that are processes of ours: the roles, node agent, control service, console."""

import sys
from dataclasses import replace

from deploy.home import PROJECT, Home
from deploy.local import extras
from deploy.local.component import Component
from deploy.local.probes import http_health
from deploy.local.wanted import Seat, read_wanted

# The drain, then requests in flight, then the end: see the product's settings.
REPLICA_STOP_SECONDS = 25.0
STREAMLIT_FLAGS = {
    "server.headless": "true",
    "server.address": "127.0.0.1",
    "server.fileWatcherType": "none",
    "server.enableXsrfProtection": "true",
    "server.runOnSave": "false",
    "browser.gatherUsageStats": "false",
}


def _extras(home: Home) -> frozenset[str]:
    wanted = read_wanted(home)
    return wanted.extras if wanted else frozenset()


def _common(home: Home, name: str) -> dict[str, str]:
    environment = {"PHAROS_LOG_FILE": str(home.logs / f"{name}.log"), "PYTHONUNBUFFERED": "1"}
    return environment | extras.environment(home, _extras(home))


def _servers(home: Home) -> dict[str, str]:
    """Return the variables by which the product finds its servers: themselves, or a proxy."""
    return home.product_environment | extras.product_environment(home, _extras(home))


def replica(home: Home, seat: Seat) -> Component:
    """Return one process of the product."""
    traffic, ops = seat.traffic_port(home), seat.ops_port(home)
    environment = {
        "PHAROS_REPLICA_ID": seat.id,
        "PHAROS_OPS_PORT": str(ops),
        "PHAROS_HALT_FILE": str(home.halt_file),
    }
    if traffic is not None:
        environment["PHAROS_PORT"] = str(traffic)
    return Component(
        name=seat.id,
        argv=(sys.executable, "-m", f"backend.entrypoints.{seat.role}"),
        cwd=PROJECT,
        log=home.logs / f"{seat.id}.out",
        health=http_health(ops, "/readyz"),
        port=traffic or ops,
        extra_ports=(ops,) if traffic else (),
        env=_common(home, seat.id) | _servers(home) | environment,
        stop_timeout=REPLICA_STOP_SECONDS,
        remedy=f"`pharos logs {seat.id}` shows why",
    )


def _service(home: Home, name: str, argv: tuple[str, ...], health: str) -> Component:
    return Component(
        name=name,
        argv=(sys.executable, *argv),
        cwd=PROJECT,
        log=home.logs / f"{name}.out",
        health=http_health(home.ports[name], health),
        port=home.ports[name],
        env=_common(home, name),
        remedy=f"`pharos logs {name}` shows why",
    )


def agent(home: Home) -> Component:
    return _service(home, "agent", ("-m", "deploy.local.agent"), "/livez")


def control(home: Home) -> Component:
    return _service(home, "control", ("-m", "console.control"), "/readyz")


def console(home: Home) -> Component:
    """Return the console; Streamlit reads `.streamlit/config.toml` from its working folder."""
    flags = STREAMLIT_FLAGS | {"server.port": str(home.ports["console"])}
    argv = ("-m", "console", *(f"--{key}={value}" for key, value in flags.items()))
    service = _service(home, "console", argv, "/_stcore/health")
    metrics = (home.ports["console-metrics"],)
    return replace(service, cwd=PROJECT / "console", extra_ports=metrics)


def services(home: Home) -> list[Component]:
    """Return the node agent, the control service and the console."""
    return [agent(home), control(home), console(home)]
