"""Faults on the product's way to a server, as toxics of the fault proxy.

A toxic carries the id of its lease in its name, so whatever the proxy has is
told from what a lease holds, by this agent or the next. A proxy that was
started again has no toxics: those of a lease that is in force are made anew.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from deploy.faultproxy.client import ProxyState, ToxicState, ToxiproxyAwayError, ToxiproxyClient
from deploy.home import Home
from deploy.local.agent.faults.deed import UNDO_SECONDS, Arm
from deploy.local.agent.faults.leases import Lease
from deploy.local.agent.faults.refusals import NoFaultProxyError, NotRunningError
from deploy.local.servers import faultproxy
from deploy.local.specs import running
from deploy.local.wanted import read_wanted

logger = logging.getLogger(__name__)

# A toxic of ours is `lease:ID:STREAM`; an id has no colon.
PREFIX = "lease"
# Beside a proxy that refuses connections: it does nothing but say whose doing that is.
MARK = "down"
Attributes = Mapping[str, Any]
Parts = dict[str, tuple[str, dict[str, int]]]


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _latency(given: Attributes) -> Parts:
    """Delay the answers, so that a round trip is longer by that once."""
    delay, jitter = _milliseconds(given["delay_seconds"]), _milliseconds(given["jitter_seconds"])
    return {"downstream": ("latency", {"latency": delay, "jitter": jitter})}


def _bandwidth(given: Attributes) -> Parts:
    rate = {"rate": given["kilobytes_per_second"]}
    return {"upstream": ("bandwidth", rate), "downstream": ("bandwidth", rate)}


# What each mode is made of, by the stream that it is on.
MODES: Mapping[str, Callable[[Attributes], Parts]] = {
    "down": lambda _: {MARK: ("latency", {"latency": 0, "jitter": 0})},
    "latency": _latency,
    "reset": lambda _: {"upstream": ("reset_peer", {"timeout": 0})},
    "hang": lambda _: {
        "upstream": ("timeout", {"timeout": 0}),
        "downstream": ("timeout", {"timeout": 0}),
    },
    "bandwidth": _bandwidth,
}


def toxics(lease: Lease) -> list[ToxicState]:
    """Return the toxics that a lease stands for."""
    parts = MODES[lease.arguments["mode"]](lease.arguments)
    return [
        ToxicState(
            name=f"{PREFIX}:{lease.id}:{place}",
            type=kind,
            stream="upstream" if place == MARK else place,
            attributes=attributes,
        )
        for place, (kind, attributes) in parts.items()
    ]


def _holder(toxic: ToxicState) -> str | None:
    """Return the id of the lease that a toxic was made for; None when it is none of ours."""
    parts = toxic.name.split(":")
    return parts[1] if len(parts) == 3 and parts[0] == PREFIX else None


class DependencyFault:
    """Connections refused, delayed, reset, silent or narrow between the product and a server."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._proxy = ToxiproxyClient(f"http://127.0.0.1:{home.ports[faultproxy.NAME]}")

    def claim(self, lease: Lease) -> str:
        return f"the way to {lease.target}"

    def check(self, lease: Lease) -> None:
        """Refuse while nothing goes through a proxy.

        Raises:
            NoFaultProxyError: the stack has none.
            NotRunningError: it does not run.
        """
        wanted = read_wanted(self._home)
        if wanted is None or "faults" not in wanted.extras:
            raise NoFaultProxyError(
                f"the product reaches {lease.target} without a fault proxy: "
                "run `./pharos up --with faults` first"
            )
        if not self._runs():
            raise NotRunningError("the fault proxy does not run: `pharos status` says why")

    def make(self, lease: Lease, arm: Arm) -> Lease:  # noqa: ARG002
        self._make(lease)
        return lease

    def missing(self, lease: Lease) -> str:
        shown = self._proxy.proxy(lease.target)
        if lease.arguments["mode"] == "down" and shown.enabled:
            return f"the fault proxy lets connections to {lease.target} through"
        lacking = [toxic.type for toxic in toxics(lease) if toxic not in shown.toxics]
        return f"the fault proxy has no {lacking[0]} on {lease.target}" if lacking else ""

    def keep(self, lease: Lease) -> None:
        """Make it anew with a proxy that was started again, once that answers."""
        try:
            if self.missing(lease):
                self._make(lease)
        except ToxiproxyAwayError as error:
            logger.debug("A fault waits for the proxy: %s", error)

    def undo(self, lease: Lease) -> None:
        if self._runs():
            self._remove(lease.target, [toxic.name for toxic in toxics(lease)])

    def left(self, lease: Lease) -> str:
        """Say what of it the proxy has; one that does not run has nothing, nor when it starts."""
        if not self._runs():
            return ""
        there = [
            toxic.type
            for toxic in self._proxy.proxy(lease.target).toxics
            if _holder(toxic) == lease.id
        ]
        return f"the fault proxy still has a {there[0]} on {lease.target}" if there else ""

    def patience(self, lease: Lease) -> float:  # noqa: ARG002
        return UNDO_SECONDS

    def words(self, lease: Lease) -> str:
        """Say so while the proxy is away or has lost it, too: `keep` makes it anew."""
        try:
            why = self.missing(lease)
        except ToxiproxyAwayError as error:
            why = str(error)
        if why:
            return f"not in effect: {why}"
        return f"on the product's way to {lease.target}: {lease.arguments['mode']}"

    def residue(self, held: Sequence[Lease]) -> list[str]:
        return [
            f"the fault proxy has a {toxic.type} on {proxy.name} of the fault {_holder(toxic)}"
            for proxy, toxic in self._loose(held)
        ]

    def sweep(self, held: Sequence[Lease]) -> None:
        for proxy, toxic in self._loose(held):
            self._remove(proxy.name, [toxic.name])

    def _runs(self) -> bool:
        return running(self._home, faultproxy.NAME) is not None

    def _make(self, lease: Lease) -> None:
        """The toxics come first: what refuses connections without them would be nobody's."""
        shown = self._proxy.proxy(lease.target)
        there = {toxic.name for toxic in shown.toxics}
        for toxic in toxics(lease):
            if toxic.name not in there:
                self._proxy.add(lease.target, toxic)
        if lease.arguments["mode"] == "down" and shown.enabled:
            self._proxy.enable(lease.target, enabled=False)

    def _remove(self, proxy: str, names: Sequence[str]) -> None:
        if any(name.endswith(f":{MARK}") for name in names):
            self._proxy.enable(proxy, enabled=True)
        for name in names:
            self._proxy.remove(proxy, name)

    def _loose(self, held: Sequence[Lease]) -> Iterator[tuple[ProxyState, ToxicState]]:
        """Yield the toxics of ours that none of these leases holds."""
        if not self._runs():
            return
        known = {(lease.target, lease.id) for lease in held}
        try:
            shown = self._proxy.proxies()
        except ToxiproxyAwayError as error:
            logger.debug("The fault proxy's toxics are not known: %s", error)
            return
        for proxy in shown:
            for toxic in proxy.toxics:
                holder = _holder(toxic)
                if holder is not None and (proxy.name, holder) not in known:
                    yield proxy, toxic
