"""Where alerts go: amtool's own answer for each kind, and a real Alertmanager that hides."""

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.home import PROJECT, Home
from deploy.local.acquire import Programs
from deploy.local.servers import alertmanager
from tests.fakes.webhook import webhook
from tests.fixtures.running import PATIENCE
from tests.integration.deploy_servers.running import running, wait_for

ROUTES = {
    "severity=page team=product": "page-product",
    "severity=page team=platform": "page-platform",
    "severity=page": "page",
    "severity=ticket team=product": "ticket-product",
    "severity=ticket team=platform": "ticket-platform",
    "severity=ticket team=unknown": "ticket",
    "severity=none team=platform": "control",
    "alertname=Anything": "control",
    "drill=r1 severity=page team=product": "drill",
    "drill=r1 severity=ticket team=platform": "drill",
    "alertname=Watchdog severity=none team=platform": "watchdog",
    "alertname=Watchdog severity=none drill=r1": "watchdog",
}


@pytest.fixture
def mailing(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("PHAROS_ALERT_EMAIL", "sre@example.org")
    monkeypatch.setenv("PHAROS_ALERT_SMARTHOST", "127.0.0.1:1")
    return home


def amtool(programs: Programs, *arguments: str | Path) -> str:
    result = subprocess.run(
        (programs.amtool, *arguments), capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_every_kind_of_alert_has_one_way_to_go(mailing: Home, programs: Programs) -> None:
    alertmanager.component(mailing, programs).prepare()
    file = f"--config.file={mailing.conf / 'alertmanager.yml'}"
    gone = {
        labels: amtool(programs, "config", "routes", "test", file, *labels.split()).strip()
        for labels in ROUTES
    }
    assert gone == ROUTES


def test_amtool_accepts_the_configuration_with_mail_and_its_templates(
    mailing: Home, programs: Programs
) -> None:
    alertmanager.component(mailing, programs).prepare()
    said = amtool(programs, "check-config", mailing.conf / "alertmanager.yml")
    assert "9 receivers" in said
    assert "2 templates" in said


def test_amtool_accepts_the_chat_sample(programs: Programs) -> None:
    said = amtool(programs, "check-config", PROJECT / "alerts" / "samples" / "chat.yaml")
    assert "2 templates" in said


def test_what_fires_again_after_a_stop_is_told_again(home: Home, programs: Programs) -> None:
    part = alertmanager.component(home, programs)
    address = f"http://127.0.0.1:{home.ports['alertmanager']}/api/v2"
    with (
        webhook(home.ports["control"]) as taken,
        httpx.Client(base_url=address, timeout=PATIENCE) as client,
    ):
        for times in (1, 2):
            with running(part) as started:
                fire(client, {"alertname": "FaultLeftBehind", "severity": "ticket"})
                wait_for(lambda: len(taken) == times, f"told {times} times")  # noqa: B023
                started.stop()


@pytest.fixture
def hiding(home: Home, programs: Programs) -> Iterator[httpx.Client]:
    address = f"http://127.0.0.1:{home.ports['alertmanager']}/api/v2"
    with (
        running(alertmanager.component(home, programs)),
        httpx.Client(base_url=address, timeout=PATIENCE) as client,
    ):
        yield client


def fire(client: httpx.Client, *alerts: dict[str, str]) -> None:
    now = datetime.now(UTC)
    times = {"startsAt": now.isoformat(), "endsAt": (now + timedelta(minutes=5)).isoformat()}
    client.post("/alerts", json=[{"labels": labels, **times} for labels in alerts])


def told(client: httpx.Client) -> set[str]:
    """Return the names (with the role or drill) of the alerts that nothing hides."""
    alerts: list[dict[str, Any]] = client.get("/alerts", params={"inhibited": False}).json()
    return {name_of(alert["labels"]) for alert in alerts}


def name_of(labels: dict[str, str]) -> str:
    return " ".join(
        labels[part] for part in ("alertname", "severity", "role", "drill") if part in labels
    )


def test_a_cause_and_a_page_hide_what_they_explain_and_nothing_else(hiding: httpx.Client) -> None:
    page, ticket, team = {"severity": "page"}, {"severity": "ticket"}, {"team": "platform"}
    fire(
        hiding,
        {"alertname": "ComponentDown", "component": "postgres", **page, **team},
        {"alertname": "BreakerOpen", "component": "postgres", **page},
        {"alertname": "OutboxAgeing", **page},
        {"alertname": "PoolExhausted", "component": "postgres", **ticket},
        {"alertname": "CacheAway", "component": "redis", **ticket},
        {"alertname": "ComponentDown", "component": "errors", **ticket},
        {"alertname": "TrackerDeaf", "component": "errors", **page},
        {"alertname": "TrackerSlow", "component": "errors", **ticket},
        {"alertname": "OutboxAgeing", "drill": "r1", **page},
        {"alertname": "Saturated", "role": "api", **page, **team},
        {"alertname": "Saturated", "role": "api", **ticket, **team},
        {"alertname": "Saturated", "role": "worker", **ticket, **team},
        {"alertname": "BudgetBurnsFast", "slo": "latency", **page},
        {"alertname": "BudgetBurnsSlowly", "slo": "latency", **ticket},
        {"alertname": "BudgetBurnsSlowly", "slo": "freshness", "role": "freshness", **ticket},
    )
    wait_for(lambda: len(hiding.get("/alerts").json()) == 15, "every alert taken")
    wait_for(
        lambda: (
            told(hiding)
            == {
                "ComponentDown page",
                "OutboxAgeing page r1",
                "Saturated page api",
                "Saturated ticket worker",
                "BudgetBurnsFast page",
                "CacheAway ticket",
                "ComponentDown ticket",
                "TrackerDeaf page",
                "BudgetBurnsSlowly ticket freshness",
            }
        ),
        "the symptoms hidden",
    )
