"""Builds alertmanager.yml for one stack: who is told of what, how soon, and what is not told.

Every alert goes to the control service. Pages and tickets are mailed to their
team where an address is set; a drill's never are. The watchdog goes to the
control service alone, every few seconds: its silence is the news.
"""

from pathlib import Path
from typing import Any

from alerts.symptoms import inhibit_rules
from deploy.home import PROJECT, Home
from deploy.prometheus.notifying import PASSWORD, Notifying

TEMPLATES = PROJECT / "alerts" / "templates" / "*.tmpl"
CONTROL, WATCHDOG, DRILL = "control", "watchdog", "drill"
SEVERITIES = ("page", "ticket")
TEAMS = ("product", "platform")
# What makes one incident: three replicas that are down are told once, two components twice.
INCIDENT = ["alertname", "team", "slo", "component", "role"]
# A group is looked at every interval, and sent each time that is later than the repeat.
WATCHDOG_WAITS = {"group_wait": "0s", "group_interval": "5s", "repeat_interval": "4s"}
# A ticket is worked on within days: reminded of once a day, and gathered a little longer.
TICKET_REPEAT = "24h"


def alertmanager_configuration(home: Home, notifying: Notifying) -> dict[str, Any]:
    """Return alertmanager.yml (format: Alertmanager 0.25)."""
    return {
        "route": _route(notifying),
        "receivers": [
            _receiver(home, CONTROL),
            _receiver(home, WATCHDOG, send_resolved=False),
            _receiver(home, DRILL),
            *(_mailing(home, notifying, severity, "") for severity in SEVERITIES),
            *(_mailing(home, notifying, kind, team) for kind in SEVERITIES for team in TEAMS),
        ],
        "inhibit_rules": inhibit_rules(),
        "templates": [str(TEMPLATES), str(places_file(home))],
    }


def places_file(home: Home) -> Path:
    """Return the template that tells the others where this stack's console is."""
    return home.conf / "places.tmpl"


def places(home: Home, notifying: Notifying) -> str:
    """Return the text of `places_file`; rules know their pages, but not where a stack is."""
    console = (notifying.console_url or f"http://{_address(home, 'console')}").rstrip("/")
    return f'{{{{ define "pharos.console" }}}}{console}{{{{ end }}}}\n'


def _route(notifying: Notifying) -> dict[str, Any]:
    return {
        "receiver": CONTROL,
        "group_by": INCIDENT,
        "group_wait": notifying.group_wait,
        "group_interval": notifying.group_interval,
        "repeat_interval": notifying.repeat_interval,
        "routes": [
            {"matchers": ['alertname="Watchdog"'], "receiver": WATCHDOG, **WATCHDOG_WAITS},
            {"matchers": ['drill!=""'], "receiver": DRILL, "group_by": ["drill", *INCIDENT]},
            _severity("page"),
            _severity("ticket", repeat_interval=TICKET_REPEAT),
        ],
    }


def _severity(severity: str, **waits: str) -> dict[str, Any]:
    """A severity's route: to the team, and for a team that is not known to all of that severity."""
    teams = [{"matchers": [f'team="{team}"'], "receiver": f"{severity}-{team}"} for team in TEAMS]
    return {
        "matchers": [f'severity="{severity}"'],
        "receiver": severity,
        "routes": teams,
        **waits,
    }


def _receiver(home: Home, name: str, *, send_resolved: bool = True) -> dict[str, Any]:
    webhook = {
        "url": f"http://{_address(home, 'control')}/v1/alerts/webhook",
        "send_resolved": send_resolved,
        "http_config": {"authorization": {"credentials_file": str(home.keys / "webhook_token")}},
    }
    return {"name": name, "webhook_configs": [webhook]}


def _mailing(home: Home, notifying: Notifying, severity: str, team: str) -> dict[str, Any]:
    receiver = _receiver(home, f"{severity}-{team}" if team else severity)
    to = notifying.address(team)
    return receiver | {"email_configs": [_mail(home, notifying, to)]} if to else receiver


def _mail(home: Home, notifying: Notifying, to: str) -> dict[str, Any]:
    password = {
        "auth_username": notifying.smtp_user,
        "auth_password_file": str(home.keys / PASSWORD),
    }
    return {
        "to": to,
        "from": notifying.email_from or to,
        "smarthost": notifying.smarthost,
        "require_tls": notifying.smtp_tls,
        "send_resolved": True,
        "headers": {"Subject": '{{ template "pharos.subject" . }}'},
        "html": "",
        "text": '{{ template "pharos.mail" . }}',
        **(password if notifying.smtp_user else {}),
    }


def _address(home: Home, port: str) -> str:
    return f"127.0.0.1:{home.ports[port]}"
