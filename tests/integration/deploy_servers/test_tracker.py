"""The error tracker, real: what our processes report can be read back."""

import httpx
import pytest
import sentry_sdk

from deploy.home import Home
from deploy.local import acquire
from deploy.local.component import PreparationError
from deploy.local.servers import errors
from deploy.secrets import read_secret
from tests.fixtures.running import PATIENCE
from tests.integration.deploy_servers.running import running, wait_for


@pytest.fixture(scope="session")
def installed() -> None:
    acquire.tracker(print)


def issues(home: Home, dsn: str) -> list[str]:
    project = dsn.rpartition("/")[2]
    headers = {"Authorization": f"Bearer {read_secret(home.keys, 'errors_token')}"}
    url = f"http://127.0.0.1:{home.ports['errors']}/api/canonical/0/issues/?project={project}"
    answer = httpx.get(url, headers=headers, timeout=PATIENCE).raise_for_status()
    return [entry["calculated_type"] for entry in answer.json()["results"]]


def test_a_reported_exception_can_be_read_back_and_the_project_is_made_once(
    home: Home, installed: None
) -> None:
    with running(errors.component(home)):
        dsn = errors.ensure_project(home)
        assert errors.ensure_project(home) == dsn == read_secret(home.keys, "sentry_dsn")
        with sentry_sdk.Client(dsn=dsn, default_integrations=False) as client:
            client.capture_event({"exception": {"values": [{"type": "Leak", "value": "water"}]}})
        wait_for(lambda: issues(home, dsn) == ["Leak"], "the reported exception")
    assert (home.keys / "sentry_dsn").stat().st_mode & 0o077 == 0


def test_without_its_environment_the_remedy_is_named(
    home: Home, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHAROS_SERVERS", str(tmp_path_factory.mktemp("empty")))
    with pytest.raises(PreparationError, match="--with errors"):
        errors.component(home).prepare()
