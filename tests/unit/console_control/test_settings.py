"""What the service is told from outside, and what it refuses to start with."""

from pathlib import Path

import pytest

from console.control.settings import read_settings
from deploy.secrets import ensure_secrets


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (
        "ENVIRONMENT",
        "LOG_FILE",
        "SENTRY_DSN",
        "GRAFANA_URL",
        "GRAFANA_TOKEN",
        "GRAFANA_USER",
        "HEADROOM_LIMIT",
    ):
        monkeypatch.delenv(f"PHAROS_{name}", raising=False)
    monkeypatch.setenv("PHAROS_HOME", str(tmp_path))
    monkeypatch.setenv("PHAROS_PORT_BASE", "7400")
    ensure_secrets(tmp_path / "keys")
    return tmp_path


def test_a_home_with_keys_is_all_it_needs(home: Path) -> None:
    settings = read_settings()
    assert settings.environment == "local"
    assert settings.cookie == f"pharos_{settings.home.stack_id}"
    assert len(settings.tokens) == 4
    assert settings.grafana is None


def test_a_missing_key_is_named(home: Path) -> None:
    (home / "keys" / "operator_token").unlink()
    with pytest.raises(FileNotFoundError, match="operator_token"):
        read_settings()


def test_an_environment_that_is_not_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHAROS_ENVIRONMENT", "prod")
    with pytest.raises(ValueError, match="local, staging or production"):
        read_settings()


def test_a_grafana_without_a_token_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHAROS_GRAFANA_URL", "http://127.0.0.1:3000/grafana")
    with pytest.raises(ValueError, match="PHAROS_GRAFANA_TOKEN"):
        read_settings()


def test_the_stacks_own_grafana_is_entered_by_name_and_password(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "keys" / "grafana_password").write_text("s3cret\n")
    monkeypatch.setenv("PHAROS_GRAFANA_URL", "http://127.0.0.1:7422")
    monkeypatch.setenv("PHAROS_GRAFANA_USER", "admin")
    monkeypatch.setenv("PHAROS_GRAFANA_PASSWORD_FILE", str(home / "keys" / "grafana_password"))
    grafana = read_settings().grafana
    assert grafana is not None
    assert grafana.auth == ("admin", "s3cret")


def test_a_password_that_is_not_there_is_told_by_its_variable(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHAROS_GRAFANA_URL", "http://127.0.0.1:7422")
    monkeypatch.setenv("PHAROS_GRAFANA_USER", "admin")
    monkeypatch.setenv("PHAROS_GRAFANA_PASSWORD_FILE", str(home / "nothing"))
    with pytest.raises(ValueError, match="PHAROS_GRAFANA_PASSWORD_FILE cannot be read"):
        read_settings()


@pytest.mark.parametrize("text", ["0", "1.1", "-0.5", "much", "nan"])
def test_a_limit_that_is_no_share_is_named(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHAROS_HEADROOM_LIMIT", text)
    with pytest.raises(ValueError, match=f"PHAROS_HEADROOM_LIMIT .*{text}"):
        read_settings()


def test_the_limit_of_headroom_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings().headroom_limit == 0.7
    monkeypatch.setenv("PHAROS_HEADROOM_LIMIT", "0.5")
    assert read_settings().headroom_limit == 0.5
