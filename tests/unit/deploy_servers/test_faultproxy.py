"""What a stack with the fault proxy consists of, and whom it leads through it."""

import json
from pathlib import Path

import pytest

from deploy.home import Home
from deploy.local import extras
from deploy.local.product import replica, services
from deploy.local.servers import faultproxy
from deploy.local.wanted import SEATS_BY_ID, Wanted, write_wanted
from deploy.ports import Ports
from tests.fixtures.stack import free_ports

VARIABLES = ("PHAROS_POSTGRES_PORT", "PHAROS_REDIS_PORT", "PHAROS_RABBITMQ_PORT")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, Ports(20000))


def _with_faults(home: Home) -> None:
    write_wanted(home, Wanted(extras=frozenset({"faults"})))


@pytest.mark.parametrize("name", ["api-1", "relay", "worker"])
def test_the_products_processes_go_through_the_proxy(home: Home, name: str) -> None:
    _with_faults(home)
    told = replica(home, SEATS_BY_ID[name]).env
    assert [told[variable] for variable in VARIABLES] == ["20024", "20025", "20026"]


@pytest.mark.parametrize("name", ["api-1", "relay", "worker"])
def test_without_the_extra_they_reach_their_servers_themselves(home: Home, name: str) -> None:
    write_wanted(home, Wanted())
    told = replica(home, SEATS_BY_ID[name]).env
    assert [told[variable] for variable in VARIABLES] == ["20006", "20007", "20008"]


def test_nobody_else_is_led_through_it(home: Home) -> None:
    _with_faults(home)
    assert extras.environment(home, {"faults"}) == {}
    assert not any(set(VARIABLES) & service.env.keys() for service in services(home))


def test_each_server_has_a_proxy_of_its_name(home: Home) -> None:
    made = {proxy["name"]: proxy for proxy in json.loads(faultproxy.proxies(home))}
    assert {name: (proxy["listen"], proxy["upstream"]) for name, proxy in made.items()} == {
        "postgres": ("127.0.0.1:20024", "127.0.0.1:20006"),
        "redis": ("127.0.0.1:20025", "127.0.0.1:20007"),
        "rabbitmq": ("127.0.0.1:20026", "127.0.0.1:20008"),
    }


def test_every_port_that_it_listens_on_is_required_to_be_free(home: Home) -> None:
    part = faultproxy.component(home)
    assert {part.port, *part.extra_ports} == {20023, 20024, 20025, 20026}


def test_while_it_is_away_it_is_unhealthy(tmp_path: Path) -> None:
    assert not faultproxy.check(Home(tmp_path, free_ports())).ok
