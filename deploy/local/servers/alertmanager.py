"""Alertmanager: groups alerts and hands them to the control service."""

from functools import partial

from deploy.home import Home
from deploy.local.acquire import Programs
from deploy.local.component import Component, Health, PreparationError
from deploy.local.servers.files import write_config, write_yaml
from deploy.local.servers.probe import get_json, get_text, healthy
from deploy.prometheus.alerting import alertmanager_configuration, places, places_file
from deploy.prometheus.notifying import read_notifying

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
    try:
        notifying = read_notifying(home)
    except ValueError as error:
        raise PreparationError(f"Alertmanager cannot be told whom to notify: {error}") from error
    write_config(places_file(home), places(home, notifying))
    write_yaml(home.conf / "alertmanager.yml", alertmanager_configuration(home, notifying))
    # What fired when the stack was stopped would be kept quiet when it fires again, for as long as
    # its repeat interval: nobody was told that it had ended.
    (home.data / NAME / "nflog").unlink(missing_ok=True)
