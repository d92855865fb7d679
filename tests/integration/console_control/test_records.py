"""What the service keeps: alerts, the audit log, its figures, and its file."""

import sqlite3
from contextlib import closing

import httpx
import pytest

from console.control.storage.migrations import MIGRATIONS
from tests.fixtures.control_service import Service

STARTED = "2026-11-22T18:00:00Z"
SAID = {
    "summary": "api-1 is away",
    "description": "It did not come back.",
    "runbook_url": "alerts/runbooks/ReplicaAbsent.md",
    "console_url": "/replicas",
}


def _alert(status: str, starts_at: str = STARTED, ends_at: str = "0001-01-01T00:00:00Z") -> object:
    labels = {"alertname": "ReplicaAbsent", "severity": "page", "instance": "api-1"}
    times = {"startsAt": starts_at, "endsAt": ends_at}
    said = {"labels": labels, "annotations": SAID, "fingerprint": "f00"}
    return {"version": "4", "alerts": [{"status": status, **times, **said}]}


def _deliver(service: Service, notification: object) -> None:
    with service.client(service.token("webhook_token")) as alertmanager:
        answer = alertmanager.post("/v1/alerts/webhook", json=notification)
    assert answer.status_code == 204, answer.text


def test_an_alert_fires_until_it_is_resolved(service: Service, operator: httpx.Client) -> None:
    _deliver(service, _alert("firing"))
    firing = operator.get("/v1/alerts?status=firing").json()
    assert [(row["name"], row["severity"]) for row in firing] == [("ReplicaAbsent", "page")]
    _deliver(service, _alert("resolved", ends_at="2026-11-22T18:01:00Z"))
    assert operator.get("/v1/alerts?status=firing").json() == []
    assert operator.get("/v1/alerts").json()[0]["ends_at"] == "2026-11-22T18:01:00Z"


def test_an_alert_keeps_where_its_rule_leads(service: Service, operator: httpx.Client) -> None:
    _deliver(service, _alert("firing"))
    kept = operator.get("/v1/alerts?status=firing").json()[0]
    assert {name: kept[name] for name in SAID} == SAID
    assert kept["dashboard_url"] is None


def test_a_late_repeat_does_not_wake_a_resolved_alert(
    service: Service, operator: httpx.Client
) -> None:
    _deliver(service, _alert("resolved", ends_at="2026-11-22T18:01:00Z"))
    _deliver(service, _alert("firing"))
    assert operator.get("/v1/alerts?status=firing").json() == []


def test_a_newer_firing_closes_the_one_before(service: Service, operator: httpx.Client) -> None:
    _deliver(service, _alert("firing"))
    _deliver(service, _alert("firing", starts_at="2026-11-22T19:00:00Z"))
    assert [row["status"] for row in operator.get("/v1/alerts").json()] == ["firing", "resolved"]


def test_the_audit_log_is_read_page_by_page(operator: httpx.Client) -> None:
    for reason in ("one", "two", "three"):
        operator.post("/v1/rearm", json={"reason": reason})
    first = operator.get("/v1/audit?limit=2").json()
    assert [row["reason"] for row in first] == ["three", "two"]
    rest = operator.get("/v1/audit", params={"before": first[-1]["id"]}).json()
    assert [row["reason"] for row in rest] == ["one"]


@pytest.mark.parametrize("change", ["UPDATE audit SET actor = 'eve'", "DELETE FROM audit"])
def test_the_audit_log_cannot_be_rewritten(
    service: Service, operator: httpx.Client, change: str
) -> None:
    operator.post("/v1/rearm", json={"reason": "to be kept"})
    with (
        closing(sqlite3.connect(service.control.settings.database)) as file,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        file.execute(change)


def test_actions_are_counted_and_requests_are_labelled_by_route(
    service: Service, operator: httpx.Client
) -> None:
    operator.post("/v1/rearm", json={"reason": "to be counted"})
    operator.get("/v1/drills/nothing-there")
    with service.client(service.token("metrics_token")) as prometheus:
        text = prometheus.get("/metrics").text
    assert 'pharos_control_actions_total{action="rearm",outcome="done"} 1.0' in text
    assert 'route="/v1/drills/{run}",status="404"' in text
    assert "nothing-there" not in text


def test_the_file_is_private_and_of_the_newest_version(service: Service) -> None:
    path = service.control.settings.database
    assert path.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)
