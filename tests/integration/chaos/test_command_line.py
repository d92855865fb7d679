"""`pharos chaos …` with a control service that answers, refuses, or is dead."""

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn
from fastapi import HTTPException
from typer.testing import CliRunner, Result

from chaos.cli import app, halting, rehearsing
from chaos.client import ControlAwayError, ControlClient
from chaos.journal import Journal, utc_now
from chaos.rehearsal.history import enter
from chaos.rehearsal.schemas import Rehearsal, Row
from chaos.runner.guards import alone
from chaos.runner.halt import read_halt, throw_halt
from chaos.schemas import Kind
from console.schemas import Drill, DrillRequest
from deploy.faults.sweep import Swept
from deploy.home import Home
from tests.fakes.control import TOKEN, FakeControlService, application
from tests.fixtures.running import PATIENCE
from tests.fixtures.stack import free_ports

RUN = "20260131T120000-a1b2"


class QuickService(FakeControlService):
    """Knows one experiment, whose drills began nine and a half of their ten seconds ago."""

    def start(self, request: DrillRequest) -> Drill:
        if request.experiment != "kill-replica":
            raise HTTPException(404, f"There is no experiment {request.experiment}.")
        drill = super().start(request)
        drill.started_at -= timedelta(seconds=9.5)
        return drill


@contextmanager
def serving(service: FakeControlService, port: int) -> Iterator[None]:
    config = uvicorn.Config(application(service), port=port, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive(), "the fake control service did not start"
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


class CommandLine:
    """Runs `pharos chaos …` against the control service of one home."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.service = QuickService()
        self.url: str | None = None

    def __call__(self, *arguments: str) -> Result:
        environment = {
            "PHAROS_HOME": str(self.home.root),
            "PHAROS_PORT_BASE": str(self.home.ports.base),
            "PHAROS_TOKEN": TOKEN,
            "PHAROS_URL": self.url,
        }
        return CliRunner().invoke(app, ["chaos", *arguments], env=environment)


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a service that runs answer a halt late: one that is given up on is halted by the file."""
    monkeypatch.setattr(halting, "HALT_TIMEOUT", PATIENCE)


@pytest.fixture
def dead(tmp_path: Path) -> CommandLine:
    """A command line whose control service does not run."""
    return CommandLine(Home(tmp_path, free_ports()))


@pytest.fixture
def pharos(dead: CommandLine) -> Iterator[CommandLine]:
    with serving(dead.service, dead.home.ports["control"]):
        yield dead


def test_a_drill_is_followed_phase_by_phase_to_its_verdict(pharos: CommandLine) -> None:
    result = pharos("run", "kill-replica", "--reason", "before the release")
    assert result.exit_code == 0, result.output
    kinds = [line.split()[1] for line in result.output.splitlines()[1:]]
    assert kinds[0] == "run.started"
    assert kinds[-1] == "run.ended"
    assert len(kinds) == 8


def test_json_is_the_verdict_and_nothing_else(pharos: CommandLine) -> None:
    result = pharos("run", "kill-replica", "--reason", "before the release", "--json")
    assert json.loads(result.stdout)["verdict"] == "passed"


def test_a_drill_that_is_not_waited_for_is_named(pharos: CommandLine) -> None:
    result = pharos("run", "kill-replica", "--reason", "before the release", "--no-wait")
    assert result.exit_code == 0
    assert result.stdout.strip() in pharos.service.drills


def test_the_guards_that_are_asked_for_go_with_the_request(pharos: CommandLine) -> None:
    asked = ("run", "kill-replica", "--reason", "a game day", "--no-wait", "--profile")
    assert pharos(*asked, "game-day").exit_code == 0
    assert [drill.profile for drill in pharos.service.drills.values()] == ["game-day"]
    assert pharos(*asked, "whatever").exit_code == 2


def test_an_unknown_experiment_is_wrong_usage(pharos: CommandLine) -> None:
    result = pharos("run", "kill-everything", "--reason", "before the release")
    assert result.exit_code == 2
    assert "There is no experiment kill-everything" in result.stderr


def test_a_guard_of_the_control_service_refuses_with_its_own_exit_code(
    pharos: CommandLine,
) -> None:
    assert pharos("halt", "--reason", "a real incident").exit_code == 0
    result = pharos("run", "kill-replica", "--reason", "before the release")
    assert result.exit_code == 4
    assert "halt switch is on" in result.stderr


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


def test_without_the_control_service_nothing_is_run_or_rearmed(dead: CommandLine) -> None:
    assert dead("run", "kill-replica", "--reason", "before the release").exit_code == 3
    assert dead("rearm", "--reason", "it is over").exit_code == 3


def test_without_the_control_service_the_clone_s_own_experiments_are_listed(
    dead: CommandLine,
) -> None:
    result = dead("list", "--json")
    assert "kill-replica" in {each["name"] for each in json.loads(result.stdout)}


def test_the_history_names_each_drill_with_how_it_ended(pharos: CommandLine) -> None:
    pharos("run", "kill-replica", "--reason", "before the release")
    run = next(iter(pharos.service.drills))
    line = next(row for row in pharos("history").stdout.splitlines() if run in row)
    assert "kill-replica" in line
    assert "before the release" in line


def test_the_history_as_json_is_a_list_of_drills(pharos: CommandLine) -> None:
    pharos("run", "kill-replica", "--reason", "before the release")
    listed = json.loads(pharos("history", "--json").stdout)
    assert {each["run"] for each in listed} == set(pharos.service.drills)
