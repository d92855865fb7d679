"""The generated configurations: what must hold in them whatever their server makes of it."""

import json
from pathlib import Path

import pytest

from deploy.envoy.bootstrap import bootstrap
from deploy.envoy.endpoints import endpoints_file, write_endpoints
from deploy.envoy.replies import DETAILS, local_replies
from deploy.envoy.routes import BEGUN, UNSENT, routes
from deploy.home import Home
from deploy.local.servers.account import Account
from deploy.local.servers.cluster import Cluster
from deploy.ports import Ports
from deploy.prometheus.alerting import alertmanager_configuration
from deploy.prometheus.configuration import prometheus_configuration
from deploy.prometheus.notifying import Notifying
from deploy.prometheus.targets import targets_file, write_targets
from deploy.secrets import ensure_secrets


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path, Ports(20000))
    ensure_secrets(home.keys)
    return home


def test_the_gateway_is_never_left_without_an_endpoint(home: Home) -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        write_endpoints(endpoints_file(home), [])
    assert not endpoints_file(home).exists()


def test_the_same_endpoints_are_not_written_again(home: Home) -> None:
    file = endpoints_file(home)
    write_endpoints(file, [("127.0.0.1", 2), ("127.0.0.1", 1)])
    written = file.stat().st_ino
    write_endpoints(file, [("127.0.0.1", 1), ("127.0.0.1", 2), ("127.0.0.1", 2)])
    assert file.stat().st_ino == written
    write_endpoints(file, [("127.0.0.1", 1)])
    assert file.stat().st_ino != written


def test_nothing_but_the_endpoint_file_appears_in_the_watched_folder(home: Home) -> None:
    file = endpoints_file(home)
    write_endpoints(file, [("127.0.0.1", 1)])
    assert list(file.parent.iterdir()) == [file]


def test_what_may_be_sent_twice_is_decided_by_the_first_route_that_matches() -> None:
    retries = {route["name"]: route["route"]["retry_policy"]["retry_on"] for route in routes()}
    assert retries == {"read": BEGUN, "send-event": BEGUN, "create-user": BEGUN, "write": UNSENT}
    assert list(retries)[-1] == "write"


def test_every_reply_of_the_gateway_s_own_says_what_to_do() -> None:
    mappers = local_replies()["mappers"]
    assert len(mappers) == len(DETAILS) + 1
    for mapper in mappers:
        document = mapper["body_format_override"]
        assert document["content_type"] == "application/problem+json"
        assert document["json_format"].keys() == {"type", "title", "status", "detail", "request_id"}


def test_no_secret_is_written_into_a_configuration_that_can_name_a_file(home: Home) -> None:
    alerting = alertmanager_configuration(home, Notifying())
    documents = (bootstrap(home), prometheus_configuration(home), alerting)
    text = json.dumps(documents)
    values = [file.read_text() for file in home.keys.iterdir()]
    assert str(home.keys / "webhook_token") in text
    assert not any(value in text for value in values)


def test_targets_carry_the_replica_s_name(home: Home) -> None:
    file = targets_file(home, "api")
    write_targets(file, {"api-2": "127.0.0.1:2", "api-1": "127.0.0.1:1"})
    assert json.loads(file.read_text()) == [
        {"targets": ["127.0.0.1:1"], "labels": {"instance": "api-1"}},
        {"targets": ["127.0.0.1:2"], "labels": {"instance": "api-2"}},
    ]


@pytest.mark.parametrize(("release", "found"), [("14", "14"), ("13", "15"), (None, "15")])
def test_data_is_opened_by_a_program_of_its_own_release_if_there_is_one(
    tmp_path: Path, release: str | None, found: str
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    if release:
        (data / "PG_VERSION").write_text(f"{release}\n")
    for installed in ("14", "15"):
        program = tmp_path / "lib" / installed / "bin" / "postgres"
        program.parent.mkdir(parents=True)
        program.touch()
    cluster = Cluster(tmp_path, data, "pharos", "pharos", Account(None, 0, 0))
    assert cluster.program(tmp_path / "lib/15/bin/postgres").parents[1].name == found
