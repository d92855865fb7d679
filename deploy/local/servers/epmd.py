"""epmd: tells the broker's own tools at which port its node listens.

A component of its own: left to itself, Erlang starts one in the background,
which then outlives the stack.
"""

import struct
from functools import partial

from deploy.home import Home
from deploy.local.acquire import Programs
from deploy.local.component import Component, Health
from deploy.local.servers.probe import NotHealthyError, exchange, healthy

NAME = "epmd"
# The request "which names do you know" (Erlang distribution protocol, NAMES_REQ).
NAMES_REQUEST = struct.pack(">HB", 1, ord("n"))


def component(home: Home, programs: Programs) -> Component:
    """Return the port mapper, in the foreground, on the loopback address alone."""
    program = programs.erlexec.with_name("epmd")
    port = home.ports[NAME]
    return Component(
        name=NAME,
        argv=(str(program), "-port", str(port), "-address", "127.0.0.1"),
        cwd=home.run,
        log=home.logs / f"{NAME}.log",
        health=partial(check, home),
        port=port,
        env=programs.environment(program),
    )


def check(home: Home) -> Health:
    """Healthy once it lists the names that it knows."""
    return healthy(partial(_ask, home))


def _ask(home: Home) -> None:
    answer = exchange(home.ports[NAME], NAMES_REQUEST)
    if len(answer) < 4 or struct.unpack(">I", answer[:4])[0] != home.ports[NAME]:
        raise NotHealthyError("another program answers at its port")
