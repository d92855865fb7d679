"""What an operator may set about notifications, and what is said when it cannot be used."""

from pathlib import Path

import pytest

from deploy.home import Home
from deploy.ports import Ports
from deploy.prometheus.notifying import read_notifying


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    home = Home(tmp_path, Ports(20000))
    home.keys.mkdir()
    for name in ("EMAIL", "SMARTHOST", "SMTP_USER", "GROUP_WAIT"):
        monkeypatch.delenv(f"PHAROS_ALERT_{name}", raising=False)
    return home


def test_nothing_is_mailed_unless_somebody_asks_for_it(home: Home) -> None:
    notifying = read_notifying(home)
    assert notifying.address("product") is None
    assert notifying.group_wait == "1s"


def test_the_environment_goes_before_the_file(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.alerting_file.write_text("email: file@example.org\nsmarthost: mail:25\ngroup_wait: 30s\n")
    monkeypatch.setenv("PHAROS_ALERT_EMAIL", "environment@example.org")
    notifying = read_notifying(home)
    assert notifying.email == "environment@example.org"
    assert notifying.group_wait == "30s"


def test_a_team_may_have_an_address_of_its_own(home: Home) -> None:
    home.alerting_file.write_text(
        "email: all@example.org\nemail_platform: platform@example.org\nsmarthost: mail:25\n"
    )
    notifying = read_notifying(home)
    assert notifying.address("platform") == "platform@example.org"
    assert notifying.address("product") == "all@example.org"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("email: sre@example.org", "set PHAROS_ALERT_SMARTHOST to host:port"),
        ("email_product: sre@example.org", "set PHAROS_ALERT_EMAIL as well"),
        ("email: nobody", "PHAROS_ALERT_EMAIL: "),
        ("group_wait: soon", "PHAROS_ALERT_GROUP_WAIT: "),
        ("group_weight: 1s", "PHAROS_ALERT_GROUP_WEIGHT: "),
        ("- 1", "must hold names with values"),
        ("a: [", "cannot be read as YAML"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_remedy(home: Home, told: str, said: str) -> None:
    home.alerting_file.write_text(told)
    with pytest.raises(ValueError, match=said):
        read_notifying(home)


def test_a_password_that_others_could_read_is_refused(home: Home) -> None:
    home.alerting_file.write_text("email: sre@example.org\nsmarthost: mail:25\nsmtp_user: pharos\n")
    with pytest.raises(ValueError, match="smtp_password is missing"):
        read_notifying(home)
    (home.keys / "smtp_password").write_text("secret")
    (home.keys / "smtp_password").chmod(0o644)
    with pytest.raises(ValueError, match="chmod 600"):
        read_notifying(home)
