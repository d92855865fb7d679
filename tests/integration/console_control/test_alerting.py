"""The control service between a real Prometheus and a real Alertmanager."""

import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from console.control import alertmanager as asking
from console.control import rule_alerts
from console.control.rule_alerts import fingerprint
from deploy.local import acquire
from deploy.local.servers import alertmanager, prometheus
from deploy.secrets import ensure_secrets
from tests.fakes.driver import FakeDriver
from tests.fixtures.control_service import Service
from tests.fixtures.running import PATIENCE, eventually
from tests.fixtures.stack import new_home
from tests.integration.deploy_servers.running import Running, running

LABELS = {"alertname": "Saturated", "severity": "ticket", "team": "product", "odd": 'é"\n'}
REASON = {"reason": "known, being mended"}
# One that has ended before it was first told of, a second after it came, is never told of.
LASTS = timedelta(seconds=10)
# Both servers are asked before a page is answered, which has 30 seconds for it.
ANSWER_SECONDS = 5.0


@dataclass
class Alerting:
    """A control service with its own two servers, which evaluate the project's rules."""

    operator: httpx.Client
    alertmanager: Running
    manager: httpx.Client
    metrics: httpx.Client

    def active(self) -> dict[str, dict[str, Any]]:
        said = self.operator.get("/v1/alerts/active").json()
        return {alert["name"]: alert for alert in said["alerts"]}

    def fire(self) -> None:
        self.send(LABELS, datetime.now(UTC), timedelta(minutes=5))
        eventually(self.active, lambda alerts: "Saturated" in alerts, "the alert delivered")

    def send(self, labels: dict[str, str], start: datetime, lasting: timedelta) -> None:
        """Tell Alertmanager, as Prometheus does, of what fires since `start`."""
        end = datetime.now(UTC) + lasting
        times = {"startsAt": start.isoformat(), "endsAt": end.isoformat()}
        self.manager.post("/alerts", json=[{"labels": labels, **times}]).raise_for_status()

    def age(self) -> float:
        """Return since when the watchdog was not heard; since the start, until it is."""
        lines = self.metrics.get("/metrics").text.splitlines()
        said = next(line for line in lines if line.startswith("pharos_watchdog_age_seconds "))
        return float(said.rpartition(" ")[2])

    def delivered(self, name: str) -> list[tuple[str, str]]:
        """Return the state and the start of each firing of an alert."""
        rows = self.operator.get("/v1/alerts").json()
        return [(row["status"], row["starts_at"]) for row in rows if row["name"] == name]


@pytest.fixture(scope="module")
def alerting() -> Iterator[Alerting]:
    programs = acquire.programs(print)
    home = new_home("alerting")
    for folder in (home.conf, home.data, home.logs, home.run):
        folder.mkdir()
    ensure_secrets(home.keys)
    manager = f"http://127.0.0.1:{home.ports['alertmanager']}/api/v2"
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, home.root)
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for module in (asking, rule_alerts):
            patch.setattr(module, "TIMEOUT", ANSWER_SECONDS)
        service = Service(home, FakeDriver(), watchdog_limit=timedelta(seconds=7)).start()
        stack.callback(service.stop)
        server = stack.enter_context(running(alertmanager.component(home, programs)))
        stack.enter_context(running(prometheus.component(home, programs)))
        yield Alerting(
            stack.enter_context(service.operator),
            server,
            stack.enter_context(httpx.Client(base_url=manager, timeout=PATIENCE)),
            stack.enter_context(service.client(service.token("metrics_token"))),
        )


def test_what_is_pending_is_told_with_its_value(alerting: Alerting) -> None:
    alerts = eventually(alerting.active, lambda all_: "OutboxAgeing" in all_, "it pending")
    assert alerts["OutboxAgeing"]["status"] in {"pending", "firing"}
    assert alerts["OutboxAgeing"]["value"] == -1
    assert "Watchdog" not in alerts


def test_an_alert_has_the_same_name_with_all_three(alerting: Alerting) -> None:
    alerting.fire()
    theirs = [each["fingerprint"] for each in alerting.manager.get("/alerts").json()]
    assert fingerprint(LABELS) in theirs
    assert alerting.active()["Saturated"]["fingerprint"] == fingerprint(LABELS)


def test_a_silence_holds_an_alert_back_until_it_is_ended(alerting: Alerting) -> None:
    alerting.fire()
    matchers = [{"name": "alertname", "value": "Saturated"}]
    asked = {"matchers": matchers, "minutes": 5, **REASON}
    answer = alerting.operator.post("/v1/silences", json=asked)
    assert answer.status_code == 201, answer.text
    silence = answer.json()
    held = eventually(
        lambda: alerting.active()["Saturated"], lambda alert: alert["silenced_by"], "held back"
    )
    assert held["silenced_by"] == [silence["id"]]
    listed = alerting.operator.get("/v1/silences").json()
    assert [(each["by"], each["reason"]) for each in listed] == [(silence["by"], REASON["reason"])]
    path = f"/v1/silences/{silence['id']}"
    assert alerting.operator.request("DELETE", path, json=REASON).status_code == 204
    assert alerting.operator.get("/v1/silences").json() == []
    assert alerting.operator.request("DELETE", path, json=REASON).json()["refused"] is True
    audit = alerting.operator.get("/v1/audit?limit=3").json()
    assert [(row["action"], row["outcome"]) for row in audit] == [
        ("silence-expire", "refused"),
        ("silence-expire", "done"),
        ("silence", "done"),
    ]


def test_an_alert_that_goes_on_with_the_same_start_fires_again(alerting: Alerting) -> None:
    start = datetime.now(UTC)
    labels = LABELS | {"alertname": "Resumed"}
    alerting.send(labels, start, LASTS)
    for status in ("firing", "resolved"):
        ((_, told),) = eventually(
            lambda: alerting.delivered("Resumed"),
            lambda rows, status=status: [row[0] for row in rows] == [status],  # type: ignore[misc]
            f"{status} as a Prometheus that stalls lets it be",
        )
    alerting.send(labels, start, timedelta(minutes=5))
    again = eventually(
        lambda: alerting.delivered("Resumed"), lambda rows: rows[0][0] == "firing", "its return"
    )
    assert again == [("firing", told)]
    answer = f"/v1/alerts/{fingerprint(labels)}/acknowledgement"
    taken = alerting.operator.post(answer, json={"minutes": 5, **REASON})
    assert taken.status_code == 201, taken.text


def test_what_alertmanager_does_not_take_is_said_in_its_words(alerting: Alerting) -> None:
    matchers = [{"name": "alertname", "value": "(", "is_regex": True}]
    asked = {"matchers": matchers, "minutes": 5, **REASON}
    answer = alerting.operator.post("/v1/silences", json=asked)
    assert answer.status_code == 422
    unknown = alerting.operator.request("DELETE", "/v1/silences/none", json=REASON)
    assert unknown.status_code in {404, 422}


def test_a_frozen_alertmanager_is_reported_and_so_is_its_return(alerting: Alerting) -> None:
    ages = [alerting.age()]

    def heard() -> bool:
        """Tell whether it came since the last look: but for that, its age only grows."""
        ages.append(alerting.age())
        return ages[-1] < ages[-2]

    eventually(heard, bool, "the watchdog heard")
    alerting.alertmanager.process.send_signal(signal.SIGSTOP)
    try:
        told = eventually(
            alerting.active, lambda alerts: "WatchdogSilent" in alerts, "its silence told"
        )
        # Prometheus, which is asked first, may be late as well.
        eventually(
            lambda: alerting.operator.get("/v1/alerts/active").json()["troubles"],
            lambda said: len(said) == 1 and "Alertmanager does not answer" in said[0],
            "that Alertmanager, and nobody else, does not answer",
        )
    finally:
        alerting.alertmanager.process.send_signal(signal.SIGCONT)
    assert told["WatchdogSilent"]["severity"] == "page"
    eventually(alerting.active, lambda alerts: "WatchdogSilent" not in alerts, "its return")
