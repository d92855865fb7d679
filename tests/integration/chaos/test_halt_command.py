"""`pharos chaos halt`, `rearm` and `rehearse-halt`, with the control service and without it."""

import json
import os
import threading
import time

import pytest

from chaos.cli import halting, rehearsing
from chaos.client import ControlAwayError, ControlClient
from chaos.journal import Journal, utc_now
from chaos.rehearsal.history import enter
from chaos.rehearsal.schemas import Rehearsal, Row
from chaos.runner.guards import alone
from chaos.runner.halt import read_halt, throw_halt
from chaos.schemas import Kind
from deploy.faults.sweep import Swept
from tests.integration.chaos.commanding import CommandLine

RUN = "20260131T120000-a1b2"


def test_a_halt_goes_through_the_control_service_which_knows_who(pharos: CommandLine) -> None:
    result = pharos("halt", "--reason", "a real incident")
    assert "Halted by ada: a real incident" in result.stdout
    assert "taken back in 0.2 s: latency at api-1; nothing is left" in result.stdout
    assert pharos.service.state.halt.on
    assert not pharos.home.halt_file.exists()


def test_a_halt_that_leaves_something_says_what_and_by_its_exit_code(pharos: CommandLine) -> None:
    left = ["pause at redis"]
    pharos.service.swept = Swept(reverted=[], left=left, seconds=3)
    result = pharos("halt", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["swept"]["left"] == left
    assert "left: pause at redis" in result.stderr


def test_rearming_goes_through_the_control_service(pharos: CommandLine) -> None:
    pharos("halt", "--reason", "a real incident")
    assert pharos("rearm", "--reason", "it is over").exit_code == 0
    assert not pharos.service.state.halt.on


def test_with_the_control_service_dead_a_halt_is_a_file(dead: CommandLine) -> None:
    result = dead("halt", "--reason", "a real incident")
    assert result.exit_code == 0
    halt = read_halt(dead.home)
    assert (halt.on, halt.reason) == (True, "a real incident")


def test_a_halt_waits_until_the_running_drill_has_ended(dead: CommandLine) -> None:
    journal = Journal(dead.home.drills / RUN)
    journal.write(Kind.RUN_STARTED, "begins")

    def runner() -> None:
        while not dead.home.halt_file.exists():
            time.sleep(0.01)
        journal.write(Kind.RUN_ENDED, "Inconclusive: halted", verdict="inconclusive")

    with alone(dead.home, RUN):
        thread = threading.Thread(target=runner)
        thread.start()
        result = dead("halt")
        thread.join()
    assert result.exit_code == 0
    assert f"Drill {RUN} ended" in result.stdout


def test_a_halt_does_not_wait_for_ever_for_a_runner_that_hangs_and_says_what_is_left(
    dead: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept = Swept(reverted=[], left=["pause at redis"], seconds=3)
    monkeypatch.setattr(halting, "DRILL_PATIENCE", 0.5)
    monkeypatch.setattr(halting, "sweep_stack", lambda *_: swept)
    Journal(dead.home.drills / RUN).write(Kind.RUN_STARTED, "begins")
    with alone(dead.home, RUN):
        result = dead("halt", "--json")
    last = result.stderr.splitlines()[-1]
    assert (result.exit_code, f"drill {RUN} has not ended after 0.5 s" in last) == (1, True)
    assert last.endswith("left: pause at redis")
    assert json.loads(result.stdout)["drills"] == {RUN: None}
    assert read_halt(dead.home).on


def test_a_halt_that_the_service_threw_and_could_not_tell_of_is_no_older_one(
    dead: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(_: ControlClient, reason: str, timeout: float) -> None:
        throw_halt(dead.home, "ada", reason)
        raise ControlAwayError(f"no answer within {timeout:g} s")

    monkeypatch.setattr(ControlClient, "halt", slow)
    result = dead("halt", "--reason", "a real incident")
    assert result.exit_code == 0
    assert "Halted by ada: a real incident (by the control service" in result.stdout


def test_a_halt_from_another_machine_has_the_time_that_drills_take_to_end(
    pharos: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(halting, "HALT_TIMEOUT", 1e-6)
    pharos.url = f"http://127.0.0.1:{pharos.home.ports['control']}"
    result = pharos("halt", "--reason", "a real incident")
    assert (result.exit_code, pharos.service.state.halt.on) == (0, True)


def test_a_halt_as_json_is_the_switch_and_the_drills_that_it_ended(dead: CommandLine) -> None:
    result = dead("halt", "--reason", "a real incident", "--json")
    said = json.loads(result.stdout)
    assert (said["halt"]["on"], said["halt"]["reason"]) == (True, "a real incident")
    assert said["drills"] == {}


def test_a_halt_whose_file_cannot_be_written_is_one_line(dead: CommandLine) -> None:
    (dead.home.root / f".halt.{os.getpid()}").mkdir()
    result = dead("halt")
    assert result.exit_code == 1
    assert "the halt file cannot be written" in result.stderr
    assert "Faults: nothing was injected" in result.stderr


def test_a_halt_that_can_reach_nothing_says_so(dead: CommandLine) -> None:
    dead.url = f"http://127.0.0.1:{dead.home.ports['control']}"
    result = dead("halt")
    assert result.exit_code == 1
    assert "another machine" in result.stderr
    assert not dead.home.halt_file.exists()


def test_a_rehearsal_of_an_unknown_kind_is_wrong_usage(pharos: CommandLine) -> None:
    result = pharos("rehearse-halt", "--kind", "earthquake")
    assert result.exit_code == 2
    assert "blocked-loop" in result.stderr


def test_a_rehearsal_is_refused_where_the_stack_cannot_be_seen(pharos: CommandLine) -> None:
    result = pharos("rehearse-halt")
    assert result.exit_code == 4
    assert not pharos.service.state.halt.on


def test_an_interrupted_rehearsal_says_how_it_was_left(
    pharos: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt("interrupted; the halt switch may be on")

    monkeypatch.setattr(rehearsing, "rehearse", interrupted)
    result = pharos("rehearse-halt")
    assert result.exit_code == 130
    assert result.stderr.endswith("pharos: interrupted; the halt switch may be on\n")


def test_past_rehearsals_are_shown_without_the_control_service(dead: CommandLine) -> None:
    assert "has not been rehearsed" in dead("rehearse-halt", "--history").stdout
    row = Row(fault="latency", target="api-1", effect_seconds=0.1, clean_seconds=2.5)
    found = Rehearsal(run="rehearsal-1", at=utc_now(), reason="a test", rows=[row])
    enter(dead.home, found)
    assert "not within 2 s: latency at api-1" in dead("rehearse-halt", "--history").stdout
    shown = json.loads(dead("rehearse-halt", "--history", "--json").stdout)
    assert [each["run"] for each in shown] == ["rehearsal-1"]
