"""Who holds a port that the stack needs."""

import socket
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import psutil

from deploy.home import Home
from deploy.local.component import Component
from deploy.local.layout import StackError


@dataclass(frozen=True, slots=True)
class Taken:
    """A port that somebody listens on; `holder` says who, as far as we may see."""

    port: int
    component: str
    holder: str


def is_free(port: int) -> bool:
    """Return whether a server could listen on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def listening_pids() -> dict[int, int | None]:
    """Return the listening TCP ports of this machine and the pid behind each, where visible."""
    return {
        row.laddr.port: row.pid
        for row in psutil.net_connections("tcp")
        if row.status == psutil.CONN_LISTEN and row.laddr
    }


def _describe(pid: int | None) -> str:
    if pid is None:
        return "a process of another user"
    try:
        return f"{psutil.Process(pid).name()} (pid {pid})"
    except psutil.Error:
        return f"pid {pid}"


def taken(wanted: Iterable[tuple[str, int]]) -> list[Taken]:
    """Return which of these (component, port) pairs cannot be listened on."""
    blocked = [(name, port) for name, port in wanted if not is_free(port)]
    if not blocked:
        return []
    holders = listening_pids()
    return [Taken(port, name, _describe(holders.get(port))) for name, port in blocked]


def ports_of(components: Sequence[Component]) -> list[tuple[str, int]]:
    """Return every (component, port) that these components will listen on."""
    return [
        (part.name, port)
        for part in components
        for port in (part.port, *part.extra_ports)
        if port is not None
    ]


def require_free(home: Home, components: Sequence[Component]) -> None:
    """Check all ports before anything starts.

    Raises:
        StackError: one is taken; names it, who wants it, who has it, and the remedy.
    """
    found = taken(ports_of(components))
    if not found:
        return
    first, others = found[0], len(found) - 1
    more = f" ({others} more of this stack's ports are taken, too)" if others else ""
    raise StackError(
        f"port {first.port}, wanted by {first.component}, is held by {first.holder}{more}. "
        f"Stop that process, or set PHAROS_PORT_BASE to another base than {home.ports.base}"
    )


def held_by(pids: Collection[int]) -> set[int]:
    """Return the ports that these processes listen on."""
    return {port for port, pid in listening_pids().items() if pid in pids}
