"""A given Elasticsearch that wants a user, over TLS with an authority of its own."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from deploy.elk.store import Store
from deploy.home import Home
from deploy.local.servers.certificate import write_own
from deploy.logstore import StoreAwayError, make_search
from deploy.logstore.elastic import ElasticLogs
from deploy.ports import Ports
from tests.fakes.guarded import PASSWORD, USER, guarded_elasticsearch


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Return the store as its owner would name it: user, password's file, authority."""
    home = Home(tmp_path_factory.mktemp("given"), Ports(9000))
    for folder in (home.keys, home.conf):
        folder.mkdir()
    certificate, key = write_own(home)
    password = home.root / "password"
    password.touch(mode=0o600)
    password.write_text(f"{PASSWORD}\n")
    with guarded_elasticsearch(certificate, key) as url:
        yield Store(url=url, given=True, user=USER, password_file=password, ca=certificate)


def messages(store: Store) -> list[str]:
    logs = ElasticLogs(store)
    try:
        found = logs.search(make_search("", now=datetime.now(UTC)))
    finally:
        logs.close()
    return [line.message for line in found.lines]


def test_user_password_and_authority_are_honoured(given: Store) -> None:
    assert messages(given) == ["Started"]


def test_a_user_who_is_refused_is_told_which_variables_to_look_at(given: Store) -> None:
    with pytest.raises(StoreAwayError, match="PHAROS_ELASTICSEARCH_PASSWORD_FILE"):
        messages(given.model_copy(update={"user": "stranger"}))


def test_a_certificate_of_an_unknown_authority_is_not_trusted(given: Store) -> None:
    with pytest.raises(StoreAwayError, match="certificate"):
        messages(given.model_copy(update={"ca": None}))
