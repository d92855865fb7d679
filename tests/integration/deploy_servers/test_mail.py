"""Mail about alerts: a real Alertmanager speaks SMTP with a server that wants a password."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import httpx
import pytest

from deploy.home import Home
from deploy.local.acquire import Programs
from deploy.local.component import Component
from deploy.local.servers import alertmanager
from deploy.secrets import write_secret
from tests.fakes.mail import Mailbox, listening
from tests.fakes.webhook import webhook
from tests.fixtures.running import PATIENCE
from tests.integration.deploy_servers.running import running, wait_for

# The server is asked for a password without TLS, on the loopback address.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
LABELS = {"alertname": "ReplicaDown", "severity": "page", "team": "product", "role": "api"}
FAILED = 'alertmanager_notification_requests_failed_total{integration="email"}'
# One that has ended before it was first told of, a second after it came, is never told of.
LASTS = timedelta(seconds=10)
SAID = {
    "summary": "2 api replicas are down",
    "description": "Two of the wanted replicas did not come back.",
    "console_url": "/replicas",
}


@pytest.fixture
def mailbox(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    port = home.ports["grafana"]
    settings = {
        "EMAIL": "all@example.org",
        "EMAIL_PRODUCT": "product@example.org",
        "SMARTHOST": f"127.0.0.1:{port}",
        "SMTP_USER": "pharos",
        "SMTP_TLS": "off",
        "GROUP_INTERVAL": "1s",
        "CONSOLE_URL": "https://console.example.org",
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"PHAROS_ALERT_{name}", value)
    write_secret(home.keys / "smtp_password", "open sesame")
    with listening(Mailbox("pharos", "open sesame"), port) as mailbox:
        yield mailbox


@pytest.fixture
def component(home: Home, programs: Programs) -> Component:
    return alertmanager.component(home, programs)


def post(home: Home, labels: dict[str, str], lasts: timedelta) -> None:
    now = datetime.now(UTC)
    times = {"startsAt": now.isoformat(), "endsAt": (now + lasts).isoformat()}
    alert = {"labels": labels, "annotations": SAID, **times}
    url = f"http://127.0.0.1:{home.ports['alertmanager']}/api/v2/alerts"
    httpx.post(url, json=[alert], timeout=PATIENCE).raise_for_status()


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_a_page_is_mailed_to_its_team_with_its_links_and_so_is_its_end(
    home: Home, mailbox: Mailbox, component: Component
) -> None:
    with webhook(home.ports["control"]) as taken, running(component):
        post(home, LABELS | {"drill": "r1"}, LASTS)
        post(home, LABELS, LASTS)
        wait_for(lambda: len(mailbox.messages) == 2, "the mail, and the one of its end")
        wait_for(lambda: len(taken) == 4, "both alerts, and both of their ends")
    assert [each["receiver"] for each in taken].count("drill") == 2
    (to, first), (_, last) = mailbox.messages
    body = text_of(first)
    assert to == ["product@example.org"]
    assert first["Subject"] == "[page] ReplicaDown: 2 api replicas are down"
    assert "Two of the wanted replicas did not come back." in body
    assert "Runbook: https://console.example.org/alerts?alert=ReplicaDown&fingerprint=" in body
    assert "Console: https://console.example.org/replicas" in body
    assert last["Subject"] == "[resolved] ReplicaDown: 2 api replicas are down"
    assert "Until:" in text_of(last)


def test_a_wrong_password_is_seen_in_the_metrics_and_the_log(
    home: Home, mailbox: Mailbox, component: Component
) -> None:
    def failed() -> bool:
        url = f"http://127.0.0.1:{home.ports['alertmanager']}/metrics"
        metrics = httpx.get(url, timeout=PATIENCE).text
        lines = [line for line in metrics.splitlines() if FAILED in line]
        return bool(lines) and not lines[0].endswith(" 0")

    write_secret(home.keys / "smtp_password", "guess")
    with running(component):
        post(home, LABELS, timedelta(minutes=5))
        wait_for(failed, "the failure counted")
        wait_for(lambda: mailbox.refused and not mailbox.messages, "the refusal")
        wait_for(lambda: "Notify attempt failed" in component.log.read_text(), "the line")
