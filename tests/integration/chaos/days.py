"""Game days at a control service whose chaos room stands in: holding them, and what was audited."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from chaos.client import ControlClient
from chaos.gameday.agenda import Agenda, Item
from chaos.gameday.calm import Calm
from chaos.gameday.load import Load
from chaos.gameday.record import GameDay, read_game_day
from chaos.gameday.run import Around, run_game_day
from chaos.schemas import JournalEntry
from deploy.access import Access
from tests.fakes.driver import FakeDriver
from tests.fakes.signals import FakeSources
from tests.fixtures.control_service import Service, operator, service, stopped

__all__ = ["operator", "service", "stopped"]

NAME = "20260131T120000-a1b2"


@dataclass
class Days:
    """Holds game days at one service; `on` is called with each line of the journal."""

    service: Service
    token: str
    sources: FakeSources = field(default_factory=FakeSources)
    on: Callable[[JournalEntry], Any] = lambda _: None
    client: type[ControlClient] = ControlClient
    load: Load | None = None
    driver: FakeDriver = field(default_factory=FakeDriver)

    def hold(self, *items: Item | str, patience: float = 20.0, name: str = NAME) -> GameDay:
        listed = [Item(name=item) if isinstance(item, str) else item for item in items]
        client = self.client(Access(self.service.url, self.token))
        calm = Calm(self.driver, self.sources, client, patience, poll=0.05)
        agenda = Agenda(name, listed, "to see what holds")
        run_game_day(agenda, Around(self.service.home, client, calm, self.load, self.on))
        return self.held(name)

    def held(self, name: str = NAME) -> GameDay:
        day = read_game_day(self.service.home, name)
        assert day is not None
        return day


@pytest.fixture
def days(service: Service) -> Days:
    return Days(service, service.token("operator_token"))


def audited(client: httpx.Client, action: str) -> list[tuple[str, str]]:
    rows = client.get("/v1/audit").json()
    return [(row["outcome"], row["detail"]) for row in reversed(rows) if row["action"] == action]
