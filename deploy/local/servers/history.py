"""A second Prometheus that begins with a written history; only with `--with history`.

Each of its starts is with a history that ends at that moment: a drill that
wants a fresh one kills it, and its supervisor starts it again. What it knows is
its own, and nothing of the stack's Prometheus is touched.
"""

import sys
from functools import partial

from deploy.home import PROJECT, Home
from deploy.local.component import Component, Health
from deploy.local.servers.files import write_yaml
from deploy.local.servers.probe import get_json, get_text, healthy
from deploy.prometheus.history import history_configuration

NAME = "history"


def component(home: Home) -> Component:
    """Return it: a process of ours that writes the history and becomes Prometheus."""
    return Component(
        name=NAME,
        argv=(sys.executable, "-m", "deploy.local.history"),
        cwd=PROJECT,
        log=home.logs / f"{NAME}.log",
        health=partial(check, home),
        port=home.ports[NAME],
        prepare=lambda: write_yaml(home.conf / f"{NAME}.yml", history_configuration(home)),
        remedy="The drills of the slow alerts need it: `pharos down`, then `up` without it",
    )


def check(home: Home) -> Health:
    """Healthy once its history is loaded and it answers queries."""
    return healthy(partial(_ask, home))


def _ask(home: Home) -> str:
    get_text(home.ports[NAME], "/-/ready")
    return str(get_json(home.ports[NAME], "/api/v1/status/buildinfo")["data"]["version"])
