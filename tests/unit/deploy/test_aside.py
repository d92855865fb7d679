"""Who is put aside, from its file alone."""

from pathlib import Path

import pytest

from deploy.driver import Note
from deploy.home import Home
from deploy.local import aside as module
from deploy.local import launch
from deploy.local.aside import aside, put_aside, put_back
from deploy.ports import Ports

NOTE = Note(by="ada", reason="a test")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "run").mkdir()
    return Home(tmp_path, Ports(7400))


def test_without_an_end_it_lasts_until_it_is_taken_back(home: Home) -> None:
    put_aside(home, "api-1", "drain", NOTE, None)
    told = aside(home)["api-1"].told(in_flight=2)
    assert (told.kind, told.by, told.until, told.in_flight) == ("drain", "ada", None, 2)
    put_back(home, "api-1")
    put_back(home, "api-1")
    assert aside(home) == {}


def test_an_end_is_kept_by_the_clock_that_nobody_sets(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = launch.uptime()
    monkeypatch.setattr(module, "uptime", lambda: now)
    put_aside(home, "api-1", "drain", NOTE, 10)
    put_aside(home, "api-2", "quarantine", NOTE, None)
    monkeypatch.setattr(module, "uptime", lambda: now + 9)
    assert set(aside(home)) == {"api-1", "api-2"}
    monkeypatch.setattr(module, "uptime", lambda: now + 11)
    assert set(aside(home)) == {"api-2"}


def test_a_drain_of_another_boot_is_over(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    put_aside(home, "api-1", "drain", NOTE, 1000)
    monkeypatch.setattr(module, "boot_id", lambda: "another")
    assert aside(home) == {}


def test_prolonging_keeps_since_when_and_another_kind_begins_anew(home: Home) -> None:
    put_aside(home, "api-1", "drain", NOTE, 10)
    since = aside(home)["api-1"].since
    put_aside(home, "api-1", "drain", NOTE, 20)
    assert aside(home)["api-1"].since == since
    put_aside(home, "api-1", "quarantine", NOTE, None)
    assert aside(home)["api-1"].since > since


def test_what_nobody_can_read_keeps_its_replica_out_and_says_so(home: Home) -> None:
    home.aside.mkdir()
    (home.aside / "api-1").write_text("{")
    found = aside(home)["api-1"]
    assert (found.kind, found.over) == ("quarantine", False)
    assert "api-1 cannot be read" in found.note.reason
