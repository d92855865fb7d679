"""Which of the two stores a search asks."""

from pathlib import Path

import pytest

from deploy.elk.store import Store, keep_store
from deploy.home import Home
from deploy.local import extras
from deploy.logstore import StoreAwayError, open_store
from deploy.logstore.elastic import ElasticLogs
from deploy.logstore.local import LocalLogs
from deploy.ports import Ports

URL = "PHAROS_ELASTICSEARCH_URL"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.delenv(URL, raising=False)
    (tmp_path / "conf").mkdir()
    return Home(tmp_path, Ports(9000))


def test_the_files_are_searched_also_where_a_test_server_is_shipped_to(home: Home) -> None:
    keep_store(home, None)
    assert isinstance(open_store(home), LocalLogs)
    assert extras.environment(home, {"elk"}) == {}


def test_a_store_that_the_stack_was_given_is_searched_without_its_variables(home: Home) -> None:
    keep_store(home, Store(url="http://elastic:9200", given=True))
    assert isinstance(open_store(home), ElasticLogs)
    assert extras.environment(home, {"elk"}) == {URL: "http://elastic:9200"}


def test_a_store_that_the_caller_names_is_searched(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(URL, "http://elastic")
    assert isinstance(open_store(home), ElasticLogs)


def test_a_password_that_went_away_is_said(home: Home) -> None:
    lost = Store(url="http://elastic:9200", given=True, user="me", password_file=home.root / "gone")
    keep_store(home, lost)
    with pytest.raises(StoreAwayError, match="gone cannot be read"):
        open_store(home)
