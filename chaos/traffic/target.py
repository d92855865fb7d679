"""Where a run may send, and with what token: the own stack, and nobody else's by accident."""

import ipaddress
import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from deploy.home import Home
from deploy.secrets import read_secret

REMOTE = "PHAROS_LOAD_REMOTE"


class NoTargetError(Exception):
    """There is nothing to send to yet; the message says how to get it."""


class RefusedTargetError(Exception):
    """The gateway is not on this machine, and nobody said that this is meant."""


@dataclass(frozen=True, slots=True)
class Target:
    """A gateway's base URL and a service token that it accepts."""

    url: str
    token: str


def find_target(home: Home) -> Target:
    """Return `PHAROS_GATEWAY_URL` and `PHAROS_SERVICE_TOKEN`, or the stack's own.

    Raises:
        NoTargetError: there is no token, or the URL is none.
        RefusedTargetError: the gateway is not on a loopback address.
    """
    url = os.environ.get("PHAROS_GATEWAY_URL") or f"http://127.0.0.1:{home.ports['gateway']}"
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise NoTargetError(f"PHAROS_GATEWAY_URL must be like http://127.0.0.1:7400, not {url!r}")
    if not _on_this_machine(parts.hostname) and os.environ.get(REMOTE) != "yes":
        raise RefusedTargetError(
            f"{parts.hostname} is not this machine: load goes only to systems that you may load; "
            f"set {REMOTE}=yes if this is one"
        )
    return Target(url.rstrip("/"), os.environ.get("PHAROS_SERVICE_TOKEN") or _own_token(home))


def _on_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _own_token(home: Home) -> str:
    try:
        return read_secret(home.keys, "service_token")
    except FileNotFoundError:
        raise NoTargetError("no stack has been started here: run `pharos up` first") from None
    except PermissionError:
        raise NoTargetError(
            f"{home.keys} belongs to another user: run as that user, or set PHAROS_SERVICE_TOKEN"
        ) from None
