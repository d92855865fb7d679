"""The command that the control service asks for game days and reports: the real one answers."""

from pathlib import Path

import pytest

from chaos.journal import JOURNAL, Journal
from chaos.schemas import GameDayKind
from console.control.drill_process import COMMAND, NotThereError, ask_chaos
from console.control.services.chaos_room import Listed
from console.control.services.reports import Reports
from console.game_day_schemas import HeldGameDay
from deploy.home import Home
from tests.fixtures.stack import free_ports

NAME = "20260131T110000-a1b2"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    home = Home(tmp_path, free_ports())
    monkeypatch.setenv("PHAROS_HOME", str(home.root))
    monkeypatch.setenv("PHAROS_PORT_BASE", str(home.ports.base))
    for name in ("PHAROS_URL", "PHAROS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return home


def test_game_days_and_their_reports_are_had_by_it(home: Home) -> None:
    journal = Journal(home.game_days / NAME)
    told = {"reason": "a look", "profile": "game-day", "whole": False, "rate": 50.0, "items": []}
    journal.write(GameDayKind.STARTED, "begins", **told)
    journal.close()
    assert (home.game_days / NAME / JOURNAL).is_file()
    (day,) = Listed(("game-day", "--history"), HeldGameDay, lambda: 0, COMMAND).rows()
    assert (day.name, day.state) == (NAME, "interrupted")
    assert f"<title>Game day {NAME}" in Reports().page(NAME)


def test_what_has_no_report_is_told_from_what_is_broken(home: Home) -> None:
    with pytest.raises(NotThereError, match="there is no drill"):
        ask_chaos(("report", "20260131T110000-none", "--html", "-"), COMMAND)
