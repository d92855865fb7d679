"""Whether anything of a fault is at its target: asked there, and of nobody who might be dead."""

import http.client

from deploy.envoy.endpoints import endpoints_file, read_endpoints
from deploy.envoy.runtime import effective
from deploy.envoy.tls import named_pair, pair_file
from deploy.faultproxy.client import ToxiproxyClient
from deploy.faults import FaultClient, FaultPortClosedError
from deploy.home import Home
from deploy.local.agent.faults.poison import DEAD
from deploy.local.agent.faults.queues import Queues
from deploy.local.holds import holds
from deploy.local.processes import stopped
from deploy.local.servers import faultproxy
from deploy.local.servers.probe import NotHealthyError, get_json
from deploy.local.stopping import stack_processes
from deploy.local.wanted import SEATS_BY_ID
from deploy.prometheus.targets import read_targets, targets_file
from deploy.secrets import read_secret


def there(home: Home, kind: str, target: str) -> bool:
    """Return whether something of the fault is left at its target."""
    look = LOOKS.get(kind)
    return look(home, target) if look else _in_process(home, target)


def _gateway(home: Home, _: str) -> bool:
    try:
        return bool(effective(get_json(home.ports["gateway-admin"], "/runtime")))
    except (NotHealthyError, http.client.HTTPException, OSError):
        return True


def _latency(home: Home, target: str) -> bool:
    return _gateway(home, target) if target == "gateway" else _in_process(home, target)


def _in_process(home: Home, target: str) -> bool:
    port = SEATS_BY_ID[target].ops_port(home)
    with FaultClient(f"http://127.0.0.1:{port}", read_secret(home.keys, "fault_token")) as client:
        try:
            return bool(client.read_back().faults)
        except FaultPortClosedError:
            return False


def _stopped(home: Home, target: str) -> bool:
    return any(stopped(each.identity) for each in stack_processes(home) if each.component == target)


def _cut_off(home: Home, target: str) -> bool:
    port = SEATS_BY_ID[target].traffic_port(home)
    return ("127.0.0.1", port) not in read_endpoints(endpoints_file(home))


def _unscraped(home: Home, target: str) -> bool:
    return target not in read_targets(targets_file(home, SEATS_BY_ID[target].role))


def _certificate(home: Home, _: str) -> bool:
    named = named_pair(pair_file(home))
    return named is not None and named[0].parent.name == "fault-certificate"


def _dependency(home: Home, target: str) -> bool:
    proxy = ToxiproxyClient(f"http://127.0.0.1:{home.ports[faultproxy.NAME]}").proxy(target)
    return bool(proxy.toxics) or not proxy.enabled


def _poison(home: Home, _: str) -> bool:
    return Queues(home).head(DEAD) is not None


LOOKS = {
    "latency": _latency,
    "abort": _gateway,
    "pause": _stopped,
    "stray-stop": _stopped,
    "down": holds,
    "cut-off": _cut_off,
    "unscraped": _unscraped,
    "certificate": _certificate,
    "dependency": _dependency,
    "poison": _poison,
}
