"""Prometheus: reads every process's metrics and evaluates the alert rules."""

from functools import partial

from deploy.home import Home
from deploy.local.acquire import Programs
from deploy.local.component import Component, Health
from deploy.local.servers.files import write_yaml
from deploy.local.servers.probe import get_json, get_text, healthy
from deploy.prometheus.configuration import prometheus_configuration
from deploy.prometheus.targets import targets_file, write_targets

NAME = "prometheus"
# An alert that is not sent again within four times this counts as over with Alertmanager:
# that is how soon it notices that nobody evaluates rules any more.
RESEND = "2s"


def component(home: Home, programs: Programs) -> Component:
    """Return Prometheus with the history that objectives look back on, at most 1 GB of it."""
    pages = programs.shared(programs.prometheus, "prometheus/web")
    return Component(
        name=NAME,
        argv=(
            str(programs.prometheus),
            f"--config.file={home.conf / 'prometheus.yml'}",
            f"--storage.tsdb.path={home.data / NAME}",
            "--storage.tsdb.retention.time=32d",
            "--storage.tsdb.retention.size=1GB",
            f"--web.listen-address=127.0.0.1:{home.ports[NAME]}",
            "--web.enable-lifecycle",
            f"--rules.alert.resend-delay={RESEND}",
            "--enable-feature=exemplar-storage",
            "--log.format=json",
            *((f"--web.local-assets={pages}",) if pages else ()),
        ),
        cwd=home.run,
        log=home.logs / f"{NAME}.log",
        health=partial(check, home),
        port=home.ports[NAME],
        env=programs.environment(programs.prometheus),
        prepare=partial(_prepare, home),
    )


def check(home: Home) -> Health:
    """Healthy once its history is loaded and it answers queries."""
    return healthy(partial(_ask, home))


def _ask(home: Home) -> str:
    get_text(home.ports[NAME], "/-/ready")
    return str(get_json(home.ports[NAME], "/api/v1/status/buildinfo")["data"]["version"])


def _prepare(home: Home) -> None:
    write_yaml(home.conf / "prometheus.yml", prometheus_configuration(home))
    targets = targets_file(home, "api")
    if not targets.exists():
        write_targets(targets, {})
