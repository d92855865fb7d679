"""Alertmanager: groups alerts and hands them to the control service."""

from functools import partial

from deploy.home import Home
from deploy.local.acquire import Programs
from deploy.local.component import Component, Health
from deploy.local.servers.files import write_yaml
from deploy.local.servers.probe import get_json, get_text, healthy
from deploy.prometheus.configuration import alertmanager_configuration

NAME = "alertmanager"


def component(home: Home, programs: Programs) -> Component:
    """Return Alertmanager, alone: an empty cluster address keeps it from opening a second port."""
    return Component(
        name=NAME,
        argv=(
            str(programs.alertmanager),
            f"--config.file={home.conf / 'alertmanager.yml'}",
            f"--storage.path={home.data / NAME}",
            f"--web.listen-address=127.0.0.1:{home.ports[NAME]}",
            "--cluster.listen-address=",
            "--log.format=json",
        ),
        # An unpacked one looks for its templates where it is started.
        cwd=programs.shared(programs.alertmanager, "prometheus/alertmanager") or home.run,
        log=home.logs / f"{NAME}.log",
        health=partial(check, home),
        port=home.ports[NAME],
        env=programs.environment(programs.alertmanager),
        prepare=partial(_prepare, home),
    )


def check(home: Home) -> Health:
    """Healthy once it takes alerts."""
    return healthy(partial(_ask, home))


def _ask(home: Home) -> str:
    get_text(home.ports[NAME], "/-/ready")
    return str(get_json(home.ports[NAME], "/api/v2/status")["versionInfo"]["version"])


def _prepare(home: Home) -> None:
    write_yaml(home.conf / "alertmanager.yml", alertmanager_configuration(home))
