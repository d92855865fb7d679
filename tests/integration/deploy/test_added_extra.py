"""An extra that is added to a stack which runs already, with real processes of stand-in parts."""

from dataclasses import replace

from deploy.home import Home
from deploy.local import extras
from deploy.local.component import Component
from deploy.local.progress import Steps
from deploy.local.specs import launched_with, running
from deploy.local.up import up
from deploy.local.wanted import Seat, read_wanted
from tests.fakes.parts import replica, small_parts


def _pid(home: Home, name: str) -> int:
    record = running(home, name)
    assert record, name
    return record.identity.pid


def _told(home: Home, seat: Seat) -> Component:
    """Return a stand-in that is told where its servers are, as the product is."""
    wanted = read_wanted(home)
    assert wanted
    told = home.product_environment | extras.product_environment(home, wanted.extras)
    return replace(replica(home, seat), env=told)


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
