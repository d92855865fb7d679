"""The timeline over HTTP: what was done beside what fired."""

from datetime import UTC, datetime, timedelta

import httpx

from tests.fixtures.control_service import Service

WHY = {"reason": "a busy evening"}


def _fire(service: Service, starts_at: datetime) -> None:
    alert = {
        "status": "firing",
        "labels": {"alertname": "ReplicaDown", "severity": "page"},
        "annotations": {"summary": "api-1 is away"},
        "startsAt": starts_at.isoformat(),
        "endsAt": "0001-01-01T00:00:00Z",
        "fingerprint": "f00",
    }
    with service.client(service.token("webhook_token")) as alertmanager:
        body = {"version": "4", "alerts": [alert]}
        alertmanager.post("/v1/alerts/webhook", json=body).raise_for_status()


def test_a_scaling_is_shown_beside_what_fired_meanwhile(
    service: Service, operator: httpx.Client
) -> None:
    _fire(service, datetime.now(UTC) - timedelta(seconds=30))
    asked = {"role": "api", "count": 3, **WHY}
    operator.post("/v1/scale", json=asked).raise_for_status()
    moments = operator.get("/v1/timeline").json()["moments"]
    scale = next(each for each in moments if each["kind"] == "scale")
    assert (scale["who"], scale["why"]) == ("operator@local (cli)", "a busy evening")
    assert sorted(scale["beside"]) == ["ReplicaDown", "deploy pharos"]


def test_the_release_that_came_up_is_a_deploy(service: Service, operator: httpx.Client) -> None:
    moments = operator.get("/v1/timeline").json()["moments"]
    assert [each["who"] for each in moments if each["kind"] == "deploy"] == ["stack"]


def test_a_refused_deed_is_shown_with_its_reason(service: Service, operator: httpx.Client) -> None:
    operator.post("/v1/drills", json={"experiment": "none", **WHY})
    newest = operator.get("/v1/timeline").json()["moments"][0]
    assert newest["kind"] == "drill"
    assert newest["outcome"].startswith("failed: There is no experiment none")


def test_only_the_asked_for_hours_are_answered(service: Service, operator: httpx.Client) -> None:
    _fire(service, datetime.now(UTC) - timedelta(seconds=30))
    service.clock.ahead = timedelta(hours=2)
    kinds = {each["kind"] for each in operator.get("/v1/timeline?hours=1").json()["moments"]}
    assert "deploy" not in kinds
    assert "alert" in kinds  # it still fires
    assert operator.get("/v1/timeline?hours=0").status_code == 422
