"""Envoy: the gateway in front of the api replicas."""

from functools import partial

from backend.observability.spans import Collector
from deploy.envoy.bootstrap import HOST, REOPEN_LOGS, bootstrap
from deploy.envoy.endpoints import endpoints_file, write_endpoints
from deploy.envoy.runtime import runtime_file, write_runtime
from deploy.envoy.tls import pair_file, write_pair
from deploy.home import Home
from deploy.local.acquire import Programs
from deploy.local.component import Component, Health, PreparationError
from deploy.local.servers.certificate import gateway_pair
from deploy.local.servers.files import write_json
from deploy.local.servers.probe import NotHealthyError, get_json, healthy, post

NAME = "gateway"
WORKERS = 2


def component(home: Home, programs: Programs, replicas: int) -> Component:
    """Return the gateway; until the node agent knows better it expects `replicas` replicas."""
    return Component(
        name=NAME,
        argv=(
            str(programs.envoy),
            *("--config-path", str(home.conf / "envoy.json")),
            *("--concurrency", str(WORKERS)),
            *("--log-level", "warning"),
            *("--file-flush-interval-msec", "250"),
            "--disable-hot-restart",
        ),
        cwd=home.run,
        log=home.logs / f"{NAME}.log",
        health=partial(check, home),
        port=home.ports[NAME],
        extra_ports=(home.ports["gateway-admin"], home.ports["gateway-tls"]),
        prepare=partial(_prepare, home, replicas),
    )


def check(home: Home) -> Health:
    """Healthy once its listener takes requests."""
    return healthy(partial(_ask, home))


def reopen_logs(home: Home) -> None:
    """Have it close its access log and open it anew under its name, within a flush.

    Raises:
        NotHealthyError: it refuses.
        OSError: it does not answer.
    """
    post(home.ports["gateway-admin"], REOPEN_LOGS)


def _ask(home: Home) -> str:
    information = get_json(home.ports["gateway-admin"], "/server_info")
    if information["state"] != "LIVE":
        raise NotHealthyError(f"its state is {information['state']}")
    return str(information["version"].split("/")[1])


def _prepare(home: Home, replicas: int) -> None:
    """The last endpoints are kept: the replicas may have outlived the gateway."""
    try:
        collector = Collector.from_environment()
    except ValueError as error:
        raise PreparationError(str(error)) from error
    write_json(home.conf / "envoy.json", bootstrap(home, collector))
    write_pair(pair_file(home), *gateway_pair(home))
    write_runtime(runtime_file(home), {})
    endpoints = endpoints_file(home)
    if not endpoints.exists():
        slots = range(1, max(replicas, 1) + 1)
        write_endpoints(endpoints, [(HOST, home.ports.replica(slot)[0]) for slot in slots])
