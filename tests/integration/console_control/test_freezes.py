"""Freeze windows: an admin sets and takes them away, on the command line and with a row each."""

import json

import httpx
import pytest
from typer.testing import CliRunner, Result

from chaos.cli import app
from tests.fixtures.control_service import Service

WHY = ("--reason", "a launch")


def _freeze(*args: str) -> Result:
    return CliRunner().invoke(app, ["chaos", "freeze", *args])


def test_a_window_is_added_listed_and_taken_away(service: Service, operator: httpx.Client) -> None:
    weekly = ("--hours", "18:00-08:00", "--weekdays", "fri,sat", "--timezone", "Europe/Berlin")
    assert _freeze("add", "weekend", *weekly, *WHY).exit_code == 0
    once = ("--from", "2026-12-24T00:00", "--to", "2026-12-27T00:00")
    assert _freeze("add", "holidays", *once, *WHY).exit_code == 0
    shown = _freeze("list").stdout
    assert "fri sat 18:00-08:00 Europe/Berlin" in shown
    assert "2026-12-24 00:00 to 2026-12-27 00:00 UTC" in shown
    assert [row["name"] for row in json.loads(_freeze("list", "--json").stdout)] == [
        "weekend",
        "holidays",
    ]
    assert _freeze("remove", "weekend", *WHY).exit_code == 0
    rows = operator.get("/v1/audit?limit=3").json()
    assert [(row["action"], row["target"], row["outcome"]) for row in rows] == [
        ("freeze-remove", "weekend", "done"),
        ("freeze-add", "holidays", "done"),
        ("freeze-add", "weekend", "done"),
    ]
    assert rows[2]["after"]["window"] == "fri sat 18:00-08:00 Europe/Berlin"
    assert "weekend" not in service.home.freeze_file.read_text()


def test_one_that_holds_keeps_drills_from_starting_until_it_is_gone(service: Service) -> None:
    always = _freeze("add", "always", "--hours", "00:00-24:00", *WHY)
    assert "holds until" in always.stdout
    guards = ["chaos", "guards", "passes"]
    assert CliRunner().invoke(app, guards).exit_code == 4
    assert _freeze("remove", "always", *WHY).exit_code == 0
    assert CliRunner().invoke(app, guards).exit_code == 0
    assert "no freeze window" in _freeze("list").stdout


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("nights", "--hours", "9-17"), "two times of day"),
        (("nights", "--hours", "09:00-17:00", "--timezone", "Mars/Base"), "no time zone"),
        (("nights", "--hours", "09:00-17:00", "--weekdays", "monday"), "weekdays.0"),
        (("nights",), "neither weekly nor once"),
        (("nights", "--from", "2026-12-24", "--to", "2026-12-23"), "ends before it begins"),
        (("Nights!", "--hours", "09:00-17:00"), "name"),
    ],
)
def test_a_window_that_makes_no_sense_is_wrong_usage_with_the_remedy(
    service: Service, args: tuple[str, ...], words: str
) -> None:
    said = _freeze("add", *args, *WHY)
    assert (said.exit_code, words in said.stderr) == (2, True), said.stderr
    assert not service.home.freeze_file.exists()


def test_a_name_is_taken_once_and_a_stranger_is_told(service: Service) -> None:
    hours = ("--hours", "09:00-17:00")
    assert _freeze("add", "days", *hours, *WHY).exit_code == 0
    again = _freeze("add", "days", *hours, *WHY)
    assert (again.exit_code, "remove it first" in again.stderr) == (1, True)
    gone = _freeze("remove", "nights", *WHY)
    assert (gone.exit_code, "known are days" in gone.stderr) == (2, True)


def test_a_file_that_cannot_be_read_is_left_alone_and_names_its_line(service: Service) -> None:
    text = "windows:\n- name: nights\n  reason: asleep\n  hours: 9-17\n"
    service.home.freeze_file.write_text(text)
    for said in (_freeze("list"), _freeze("add", "days", "--hours", "09:00-17:00", *WHY)):
        assert (said.exit_code, "freeze.yaml:4:3: windows[0].hours" in said.stderr) == (3, True)
    assert service.home.freeze_file.read_text() == text
