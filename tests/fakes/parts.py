"""A stack of small stand-in processes: everything of the supervision is real but the parts."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from deploy.home import PROJECT, Home
from deploy.local.acquire import Programs
from deploy.local.component import Component
from deploy.local.parts import Parts
from deploy.local.probes import http_health
from deploy.local.wanted import Seat, Wanted

ANSWERING = Path(__file__).with_name("answering.py")
SERVERS = ("redis", "gateway")


def stand_in(home: Home, name: str, *ports: int) -> Component:
    return Component(
        name=name,
        argv=(sys.executable, str(ANSWERING), *map(str, ports)),
        cwd=PROJECT,
        log=home.logs / f"{name}.log",
        health=http_health(ports[-1], "/readyz"),
        port=ports[0],
        extra_ports=ports[1:],
        start_timeout=20,
        stop_timeout=5,
    )


def replica(home: Home, seat: Seat) -> Component:
    traffic, ops = seat.traffic_port(home), seat.ops_port(home)
    return stand_in(home, seat.id, *([traffic] if traffic else []), ops)


def small_parts(
    argv: Mapping[str, tuple[str, ...]] | None = None, *, start_timeout: float = 60
) -> Parts:
    """Return the parts of a small stack; `argv` replaces what a named server runs.

    `start_timeout` is how long `up` waits for such a server, in seconds.
    """
    changed = argv or {}

    def servers(home: Home, _: Wanted, __: Programs | None) -> Sequence[Sequence[Component]]:
        parts = [stand_in(home, name, home.ports[name]) for name in SERVERS]
        return [
            [
                replace(
                    part,
                    argv=(sys.executable, str(ANSWERING), *changed[part.name]),
                    start_timeout=start_timeout,
                )
                if part.name in changed
                else part
                for part in parts
            ]
        ]

    return Parts(
        servers=servers,
        checks=lambda home, _: {name: http_health(home.ports[name], "/readyz") for name in SERVERS},
        replica=replica,
        services=lambda home: [stand_in(home, "control", home.ports["control"])],
    )
