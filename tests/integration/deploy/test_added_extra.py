"""An extra that is added to a stack which runs already, with real processes of stand-in parts."""

from dataclasses import replace

import pytest

from deploy.elk.store import Store, keep_store, store_of
from deploy.home import Home
from deploy.local import extras
from deploy.local.acquire import Programs
from deploy.local.component import Component
from deploy.local.parts import Parts
from deploy.local.progress import Steps
from deploy.local.servers import errors, shipper
from deploy.local.specs import launched_with, running
from deploy.local.starting import NotHealthyError
from deploy.local.up import up
from deploy.local.wanted import Seat, Wanted, read_wanted
from deploy.secrets import write_secret
from tests.fakes.parts import replica, small_parts, stand_in


def _pid(home: Home, name: str) -> int:
    record = running(home, name)
    assert record, name
    return record.identity.pid


def _told(home: Home, seat: Seat) -> Component:
    """Return a stand-in that is told where its servers are, as the product is."""
    wanted = read_wanted(home)
    assert wanted
    told = home.product_environment | extras.product_environment(home, wanted.extras)
    return replace(replica(home, seat), env=told | extras.environment(home, wanted.extras))


def test_an_extra_that_is_added_restarts_those_that_it_leads_another_way(
    home: Home, steps: Steps
) -> None:
    parts = replace(small_parts(), replica=_told)
    up(home, steps, parts=parts)
    names = ("redis", "control", "api-1", "api-2", "relay", "worker")
    before = {name: _pid(home, name) for name in names}
    again = up(home, steps, extras=["faults"], parts=parts)
    assert again.started == ["api-1", "api-2", "relay", "worker"]
    after = {name: _pid(home, name) for name in names}
    assert {name for name in names if after[name] != before[name]} == set(again.started)
    proxied = str(home.ports["faultproxy-redis"])
    assert launched_with(home, "api-1")["PHAROS_REDIS_PORT"] == proxied
    assert up(home, steps, parts=parts).started == []


DSN = "http://key@127.0.0.1/1"


def _reporting(*, deaf: bool = False) -> Parts:
    """Return parts that are told of a tracker, which names its project once it runs.

    With `deaf` the control service does not answer once it knows of one.
    """

    def settle(home: Home, wanted: Wanted) -> bool:
        if "errors" in wanted.extras:
            write_secret(home.keys / errors.DSN, DSN)
        return "errors" in wanted.extras

    def services(home: Home) -> list[Component]:
        wanted = read_wanted(home)
        assert wanted
        told = extras.environment(home, wanted.extras)
        part = replace(stand_in(home, "control", home.ports["control"]), env=told)
        silent = replace(part, argv=(*part.argv[:2], "--deaf"), start_timeout=2)
        return [silent if "PHAROS_SENTRY_DSN" in told and deaf else part]

    return replace(small_parts(), replica=_told, services=services, settle_servers=settle)


def test_a_tracker_that_is_added_is_told_to_those_that_run(home: Home, steps: Steps) -> None:
    parts = _reporting()
    up(home, steps, parts=parts)
    ours = ["api-1", "api-2", "relay", "worker", "control"]
    assert up(home, steps, extras=["errors"], parts=parts).started == ours
    assert {launched_with(home, name)["PHAROS_SENTRY_DSN"] for name in ours} == {DSN}
    assert up(home, steps, parts=parts).started == []


def test_an_extra_that_cannot_be_added_leaves_those_that_ran_as_they_were(
    home: Home, steps: Steps
) -> None:
    up(home, steps, parts=_reporting())
    with pytest.raises(NotHealthyError, match="control"):
        up(home, steps, extras=["errors"], parts=_reporting(deaf=True))
    ours = ["api-1", "api-2", "relay", "worker", "control"]
    assert [name for name in ours if "PHAROS_SENTRY_DSN" in launched_with(home, name)] == []
    assert up(home, steps, parts=_reporting()).started == []


def test_a_stack_that_is_given_another_log_store_ships_to_that(home: Home, steps: Steps) -> None:
    def servers(home: Home, _: Wanted, __: Programs | None) -> list[list[Component]]:
        told = shipper.component(home).env
        return [[replace(stand_in(home, shipper.NAME, home.ports["redis"]), env=told)]]

    parts = replace(small_parts(), servers=servers)
    up(home, steps, parts=parts)
    before = store_of(home).url
    assert launched_with(home, shipper.NAME)["PHAROS_ELASTICSEARCH_URL"] == before
    keep_store(home, Store(url="https://logs.example:9200", given=True))
    assert up(home, steps, parts=parts).started == [shipper.NAME]
    told = launched_with(home, shipper.NAME)["PHAROS_ELASTICSEARCH_URL"]
    assert told == "https://logs.example:9200"
