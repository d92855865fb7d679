"""The node agent's watch over the shipping of log lines, and over the test server's size."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from backend.observability.catalogue import LOG_SHIPPING_LAG, Process
from backend.observability.metrics import Instruments
from deploy.elk import upkeep
from deploy.elk.client import HEARTBEAT
from deploy.elk.store import Store, store_of
from deploy.elk.templates import INDEX
from deploy.elk.upkeep import Upkeep
from deploy.home import Home
from deploy.local.agent import shipping as agent_shipping
from deploy.local.agent.gauges import Gauges
from deploy.local.agent.shipping import ShippingWatch
from deploy.local.servers import logstore
from deploy.local.wanted import Wanted, write_wanted
from tests.fixtures.running import PATIENCE
from tests.integration.deploy_servers.running import Running, wait_for
from tests.integration.deploy_servers.shipped import Lines

pytestmark = pytest.mark.usefixtures("patient")


def _mappings(home: Home) -> Any:
    return httpx.get(f"{logstore.url(home)}/{INDEX}/_mapping", timeout=PATIENCE).json()


class Lag:
    """The node agent's watch over the shipping of one home, and what it exposes."""

    def __init__(self, home: Home) -> None:
        self._instruments = Instruments(Process.AGENT, "0")
        self._watch = ShippingWatch(home, Gauges(self._instruments))

    def now(self) -> float | None:
        """Let the watch look once, and return the exposed lag; None where there is none."""
        self._watch.step()
        text = self._instruments.exposition()[0].decode()
        found = re.search(rf"^{LOG_SHIPPING_LAG.name} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else None


def test_the_lag_is_the_newest_heartbeats_age_and_grows_while_the_store_is_away(
    home: Home, lines: Lines, store: Running, shipping: list[Running]
) -> None:
    write_wanted(home, Wanted(extras=frozenset({"elk"})))
    lag = Lag(home)
    written = (datetime.now(UTC) - timedelta(seconds=60)).isoformat()
    beat = {"@timestamp": written, "message": "", "event.action": HEARTBEAT}
    lines.file("agent.log").write_text(json.dumps(beat) + "\n")
    wait_for(lambda: (lag.now() or 0) >= 60, "the heartbeat found")
    store.end()
    before = lag.now() or 0
    assert before >= 60
    wait_for(lambda: (lag.now() or 0) > before, "the lag growing")


def test_the_test_server_keeps_the_newest_lines_alone(
    home: Home, lines: Lines, shipping: list[Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_wanted(home, Wanted(extras=frozenset({"elk"})))
    began = datetime.now(UTC) - timedelta(seconds=100)
    with lines.file("api-1.log").open("a") as file:
        for number in range(100):
            at = (began + timedelta(seconds=number)).isoformat()
            file.write(json.dumps({"@timestamp": at, "message": f"line {number}"}) + "\n")
    wait_for(lambda: len(lines.stored()) == 100, "all lines stored")
    lag = Lag(home)
    lag.now()
    assert len(lines.stored()) == 100
    monkeypatch.setattr(agent_shipping, "MOST_LINES", 40)
    lag.now()
    kept = [int(line["message"].removeprefix("line ")) for line in lines.stored()]
    assert sorted(kept) == list(range(100 - len(kept), 100))
    assert 25 <= len(kept) <= 35


def test_the_test_server_is_told_to_leave_alone_what_it_has_without_a_change_to_it(
    home: Home, lines: Lines, shipping: list[Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "SETTLED_LINES", 10)
    store, tended = store_of(home), Upkeep()
    lines.write(9)
    lines.each_arrived_once()
    before = _mappings(home)
    assert (tended.step(store, most=1000), tended.settled) == (0, 0)
    lines.write(1)
    lines.each_arrived_once()
    assert (tended.step(store, most=1000), tended.settled) == (0, 10)
    assert _mappings(home) == before
    lines.each_arrived_once()


def test_a_given_store_is_left_to_its_own_lifecycle(
    home: Home, lines: Lines, shipping: list[Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_wanted(home, Wanted(extras=frozenset({"elk"})))
    monkeypatch.setattr(agent_shipping, "MOST_LINES", 10)
    given = Store(url=logstore.url(home), given=True)
    monkeypatch.setattr(agent_shipping, "store_of", lambda _: given)
    lines.write(20)
    lines.each_arrived_once()
    Lag(home).now()
    assert len(lines.stored()) == 20


def test_where_nothing_is_shipped_there_is_no_lag(home: Home) -> None:
    write_wanted(home, Wanted())
    assert Lag(home).now() is None
