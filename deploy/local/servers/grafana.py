"""Grafana, where the machine has one: started with our data sources, dashboards and receiver.

It cannot be had as a package, so none is fetched. Formats: Grafana's `grafana.ini`
and its provisioning files, for Grafana 11 to 13; validated offline, no Grafana
ran them.
"""

import json
import os
import secrets
import shutil
from functools import partial
from pathlib import Path
from typing import Any

from deploy.elk.store import URL, store_of
from deploy.home import PROJECT, Home
from deploy.local.component import Component, Health, PreparationError
from deploy.local.servers.files import write_config
from deploy.local.servers.probe import get_json, healthy
from deploy.local.wanted import read_wanted
from deploy.secrets import write_secret

NAME = "grafana"
# Who may do everything in it; the password is the key `grafana_password`.
PERSON, PASSWORD = "admin", "grafana_password"
ABSENT = (
    "no Grafana on this machine: the console's Dashboards page draws the same "
    "(put grafana on PATH, or set PHAROS_GRAFANA_HOME to its folder)"
)
SOURCE = PROJECT / "dashboards"
# Where a distribution's package puts what lies around the program.
PACKAGED = Path("/usr/share/grafana")

# Nothing of it leaves the machine, nobody enters without the password.
SETTINGS = """\
[paths]
data = {data}
logs = {data}/log
plugins = {data}/plugins
provisioning = {provisioning}
[server]
http_addr = 127.0.0.1
http_port = {port}
root_url = {url}/
[auth]
login_cookie_name = grafana_session_{stack}
[auth.anonymous]
enabled = false
[users]
allow_sign_up = false
[security]
admin_user = {person}
admin_password = $__file{{{password}}}
disable_gravatar = true
[analytics]
reporting_enabled = false
check_for_updates = false
check_for_plugin_updates = false
feedback_links_enabled = false
[news]
news_feed_enabled = false
[snapshots]
external_enabled = false
[plugins]
preinstall_disabled = true
plugin_admin_enabled = false
[log]
mode = console
[log.console]
format = json
"""


def program() -> Path | None:
    """Return Grafana's program: below PHAROS_GRAFANA_HOME, else on PATH; None without one."""
    if folder := os.environ.get("PHAROS_GRAFANA_HOME"):
        below = [Path(folder) / "bin" / name for name in ("grafana", "grafana-server")]
        return next((path for path in below if os.access(path, os.X_OK)), None)
    found = shutil.which("grafana") or shutil.which("grafana-server")
    return Path(found) if found else None


def here() -> bool:
    """Return whether one is to be started: it is on the machine, and no other is configured."""
    return not os.environ.get("PHAROS_GRAFANA_URL") and program() is not None


def absent() -> str:
    """Return what to say where none is started; nothing if another one is configured."""
    return "" if os.environ.get("PHAROS_GRAFANA_URL") else ABSENT


def component(home: Home) -> Component:
    """Return Grafana, on the loopback address.

    Raises:
        PreparationError: there is none on this machine.
    """
    found = program()
    if found is None:
        raise PreparationError(ABSENT)
    server = ("server",) if found.name == "grafana" else ()
    around = _homepath(found)
    return Component(
        name=NAME,
        argv=(
            str(found),
            *server,
            *((f"--homepath={around}",) if around else ()),
            f"--config={_folder(home) / 'grafana.ini'}",
        ),
        cwd=home.run,
        log=home.logs / f"{NAME}.log",
        health=partial(check, home),
        port=home.ports[NAME],
        env=environment(home),
        prepare=partial(_prepare, home),
        remedy="The product works without it: take grafana off PATH to leave it out.",
    )


def check(home: Home) -> Health:
    """Healthy once its database is migrated."""
    return healthy(partial(_ask, home))


def url(home: Home) -> str:
    return f"http://127.0.0.1:{home.ports[NAME]}"


def sign_in_note(home: Home) -> str:
    return f"sign in as {PERSON}, password in {home.keys / PASSWORD}"


def environment(home: Home) -> dict[str, str]:
    """Return what the provisioning files ask for."""
    return {
        "PHAROS_DASHBOARDS": str(_folder(home) / "dashboards"),
        "PHAROS_CONSOLE_URL": _at(home, "console"),
        "PHAROS_PROMETHEUS_URL": _at(home, "prometheus"),
        "PHAROS_ALERTMANAGER_URL": _at(home, "alertmanager"),
        URL: store_of(home).url,
    }


def _ask(home: Home) -> str:
    return str(get_json(home.ports[NAME], "/api/health").get("version") or "unknown")


def _homepath(found: Path) -> Path | None:
    """Return the folder with Grafana's own pages and defaults, if it lies where it may."""
    around = (found.resolve().parent.parent, PACKAGED)
    return next((path for path in around if (path / "conf" / "defaults.ini").exists()), None)


def _prepare(home: Home) -> None:
    if not (home.keys / PASSWORD).exists():
        write_secret(home.keys / PASSWORD, secrets.token_urlsafe(32))
    (home.data / NAME).mkdir(mode=0o700, parents=True, exist_ok=True)
    _provision(home)
    settings = SETTINGS.format(
        data=home.data / NAME,
        provisioning=_folder(home) / "provisioning",
        port=home.ports[NAME],
        url=url(home),
        stack=home.stack_id,
        person=PERSON,
        password=home.keys / PASSWORD,
    )
    write_config(_folder(home) / "grafana.ini", settings)


def _provision(home: Home) -> None:
    """Write the files that Grafana reads, as this stack needs them."""
    target = _folder(home) / "provisioning"
    shutil.rmtree(target, ignore_errors=True)
    for kind in ("datasources", "dashboards", "alerting"):
        shutil.copytree(SOURCE / "provisioning" / kind, target / kind)
    if _ships_logs(home):
        optional = SOURCE / "provisioning" / "optional" / "elasticsearch.yaml"
        shutil.copy(optional, target / "datasources")
    for file in sorted((SOURCE / "json").glob("*.json")):
        dashboard = with_console(json.loads(file.read_text()), _at(home, "console"))
        write_config(_folder(home) / "dashboards" / file.name, json.dumps(dashboard))


def with_console(dashboard: dict[str, Any], address: str) -> dict[str, Any]:
    """Return the dashboard with its links leading to the console at `address`."""
    for variable in dashboard["templating"]["list"]:
        if variable["name"] == "console":
            variable["query"] = address
    return dashboard


def _ships_logs(home: Home) -> bool:
    wanted = read_wanted(home)
    return wanted is not None and "elk" in wanted.extras


def _folder(home: Home) -> Path:
    return home.conf / NAME


def _at(home: Home, name: str) -> str:
    return f"http://127.0.0.1:{home.ports[name]}"
