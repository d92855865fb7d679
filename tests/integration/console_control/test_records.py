"""What the service keeps: alerts, the audit log, its figures, and its file."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import httpx
import pytest

from alerts.rulebook import load_rules
from console.control.services.answers import WATCHDOG_LABELS
from console.control.services.watchdog import WATCHDOG
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
    assert [row["reason"] for row in rest] == ["one", "the control service started"]


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
    assert 'pharos_control_actions_total{action="scale",outcome="failed"} 0.0' in text
    assert 'route="/v1/drills/{run}",status="404"' in text
    assert "nothing-there" not in text


def test_the_file_is_private_and_of_the_newest_version(service: Service) -> None:
    path = service.control.settings.database
    assert path.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_watchdog_is_heard_and_is_no_alert(service: Service, operator: httpx.Client) -> None:
    service.clock.stop()
    service.clock.ahead = timedelta(seconds=20)
    assert service.control.watchdog.age() >= 20
    said = {"labels": {"alertname": "Watchdog"}, "fingerprint": "d06", "status": "firing"}
    times = {"startsAt": STARTED, "endsAt": "0001-01-01T00:00:00Z"}
    _deliver(service, {"alerts": [{**said, **times}]})
    assert service.control.watchdog.age() < 5
    assert operator.get("/v1/alerts").json() == []


ANSWER = "/v1/alerts/f00/acknowledgement"


def test_an_acknowledgement_is_shown_to_everybody_until_it_runs_out(
    service: Service, operator: httpx.Client
) -> None:
    _deliver(service, _alert("firing"))
    assert operator.post(ANSWER, json={"reason": "on it", "minutes": 5}).status_code == 201
    said = operator.get("/v1/alerts?status=firing").json()[0]["acknowledged"]
    assert (said["actor"], said["reason"]) == ("operator@local (cli)", "on it")
    service.clock.ahead = timedelta(minutes=6)
    assert operator.get("/v1/alerts?status=firing").json()[0]["acknowledged"] is None
    assert operator.get("/v1/audit?limit=1").json()[0]["action"] == "acknowledge"


def test_an_acknowledgement_is_taken_back_and_does_not_outlive_the_firing(
    service: Service, operator: httpx.Client
) -> None:
    _deliver(service, _alert("firing"))
    operator.post(ANSWER, json={"reason": "on it", "minutes": 60})
    assert operator.request("DELETE", ANSWER, json={"reason": "not mine"}).status_code == 204
    assert operator.request("DELETE", ANSWER, json={"reason": "again"}).status_code == 404
    operator.post(ANSWER, json={"reason": "on it", "minutes": 60})
    _deliver(service, _alert("firing", starts_at="2026-11-22T19:00:00Z"))
    assert operator.get("/v1/alerts?status=firing").json()[0]["acknowledged"] is None


@pytest.mark.parametrize("minutes", [4, 10_081])
@pytest.mark.parametrize("path", [ANSWER, "/v1/silences"])
def test_an_answer_has_an_end_within_bounds(
    operator: httpx.Client, path: str, minutes: int
) -> None:
    matchers = [{"name": "alertname", "value": "ReplicaAbsent"}]
    body = {"reason": "on it", "minutes": minutes, "matchers": matchers}
    problem = operator.post(path, json=body if "silences" in path else {**body, "matchers": None})
    assert problem.status_code == 422
    assert "minutes must be" in problem.json()["detail"]


def test_what_does_not_fire_cannot_be_acknowledged(operator: httpx.Client) -> None:
    problem = operator.post(ANSWER, json={"reason": "on it", "minutes": 5})
    assert problem.status_code == 404
    assert operator.get("/v1/audit?limit=1").json()[0]["outcome"] == "failed"


@pytest.mark.parametrize(
    "matcher",
    [
        {"name": "team", "value": "product", "is_equal": False},
        {"name": "severity", "value": ".*", "is_regex": True},
        {"name": "alertname", "value": "Watchdog"},
        {"name": "team", "value": "platform"},
    ],
)
def test_the_watchdog_cannot_be_silenced(operator: httpx.Client, matcher: object) -> None:
    asked = {"matchers": [matcher], "minutes": 5, "reason": "too loud"}
    problem = operator.post("/v1/silences", json=asked)
    assert problem.status_code == 409
    assert problem.json()["refused"] is True


@pytest.mark.parametrize(
    "matcher",
    [
        {"name": "alertname", "value": "[[:alpha:]]+", "is_regex": True},
        {"name": "alertname", "value": "[^[:^alpha:]]+", "is_regex": True},
        {"name": "alertname", "value": ".{,20}", "is_regex": True, "is_equal": False},
        {"name": "job", "value": r"\B", "is_regex": True},
    ],
)
def test_what_alertmanager_may_read_otherwise_silences_nobody(
    operator: httpx.Client, matcher: dict[str, object]
) -> None:
    asked = {"matchers": [matcher], "minutes": 5, "reason": "too loud"}
    problem = operator.post("/v1/silences", json=asked)
    assert problem.status_code == 422
    assert problem.json()["errors"][0]["field"] == "matchers"


def test_the_watchdog_is_known_by_all_labels_of_its_rule() -> None:
    rule = next(rule for rule in load_rules() if rule.alert == WATCHDOG)
    assert {"alertname": WATCHDOG, **rule.labels.model_dump(exclude_none=True)} == WATCHDOG_LABELS


def test_an_alertmanager_that_is_away_is_said_and_nothing_is_changed(
    service: Service, operator: httpx.Client
) -> None:
    service.prometheus.away = True
    matchers = [{"name": "alertname", "value": "ReplicaAbsent"}]
    asked = {"matchers": matchers, "minutes": 5, "reason": "too loud"}
    problem = operator.post("/v1/silences", json=asked)
    assert problem.status_code == 503
    active = operator.get("/v1/alerts/active").json()
    assert active["alerts"] == []
    assert ["Prometheus" in active["troubles"][0], "Alertmanager" in active["troubles"][1]] == [
        True,
        True,
    ]


def test_an_alert_that_begins_during_a_drill_is_marked_as_its(
    service: Service, operator: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.control.alerts, "_running", lambda: ["r-1"])
    _deliver(service, _alert("firing"))
    monkeypatch.setattr(service.control.alerts, "_running", list)
    _deliver(service, _alert("resolved", ends_at="2026-11-22T18:01:00Z"))
    assert operator.get("/v1/alerts").json()[0]["drill"] == "r-1"


def test_a_runbook_is_read_by_the_alert_s_name_alone(operator: httpx.Client) -> None:
    assert operator.get("/v1/runbooks/ReplicaDown").json()["text"].startswith("# ReplicaDown\n")
    assert operator.get("/v1/runbooks/..%2f..%2fREADME").status_code == 404
    assert operator.get("/v1/runbooks/NoSuchAlert").status_code == 404
