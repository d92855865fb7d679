"""Where the console finds its sources, and the way to the sign-in form."""

from urllib.parse import parse_qs, urlsplit

import pytest

from console.clients.places import Places

LOCAL = Places("http://127.0.0.1:7402", "http://127.0.0.1:7403", "pharos_0123abcd")


def test_the_environment_points_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHAROS_URL", "https://control.example/")
    monkeypatch.setenv("PHAROS_PROMETHEUS_URL", "https://prometheus.example")
    places = Places.from_environment()
    assert (places.control, places.prometheus) == (
        "https://control.example",
        "https://prometheus.example",
    )


def test_signing_in_keeps_the_host_that_the_cookie_will_belong_to() -> None:
    link = urlsplit(LOCAL.sign_in("http://localhost:7401/chaos?run=r-1"))
    assert link.netloc == "localhost:7402"
    assert parse_qs(link.query)["next"] == ["http://localhost:7401/chaos?run=r-1"]


def test_a_report_is_asked_for_where_the_cookie_is_known() -> None:
    assert LOCAL.reports("http://localhost:7401/chaos") == "http://localhost:7402/v1/reports"


def test_a_remote_control_service_keeps_its_own_host() -> None:
    remote = Places("https://control.example", "http://127.0.0.1:7403", "pharos_0123abcd")
    link = urlsplit(remote.sign_in("http://localhost:7401/load"))
    assert link.netloc == "control.example"
