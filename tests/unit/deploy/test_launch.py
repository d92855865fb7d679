"""When the launcher holds a start back."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.home import PROJECT, Home
from deploy.local.component import Component, Health
from deploy.local.holds import held_names, hold, lift
from deploy.local.launch import (
    DELAYS,
    STABLE_SECONDS,
    delay_before,
    hold_file,
    short_runs,
    start_ticks,
    uptime,
)
from deploy.local.specs import launch_folder, read_record, spec_file, write_spec
from deploy.ports import Ports
from tests.fixtures.disk import room_for
from tests.fixtures.running import eventually

BOOT = "this boot"


def _last(since: float, runs: int = 0, boot: str = BOOT) -> dict[str, object]:
    return {"boot": boot, "since": since, "short_runs": runs}


def test_a_first_start_owes_nothing() -> None:
    assert short_runs(None, 100.0, BOOT) == 0


def test_a_run_that_ended_soon_counts() -> None:
    assert short_runs(_last(since=95.0, runs=2), 100.0, BOOT) == 3


def test_a_stable_run_wipes_the_slate() -> None:
    assert short_runs(_last(since=100.0, runs=7), 100.0 + STABLE_SECONDS, BOOT) == 0


def test_a_record_from_before_a_reboot_counts_for_nothing() -> None:
    assert short_runs(_last(since=95.0, runs=7, boot="another"), 100.0, BOOT) == 0


def test_the_delay_grows_to_half_a_minute_and_no_further() -> None:
    delays = [delay_before(runs) for runs in range(20)]
    assert delays[:2] == [0.0, 0.0]
    assert delays == sorted(delays)
    assert delays[-1] == DELAYS[-1] == 30.0


def test_a_name_with_blanks_and_brackets_does_not_confuse_the_start_time() -> None:
    stat = "42 (a) b (c)) S 1 " + " ".join(str(number) for number in range(5, 60))
    assert start_ticks(stat) == 22


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path, Ports(9000))
    made.run.mkdir()
    return made


def _component(home: Home, *argv: str) -> Component:
    return Component(
        name="part",
        argv=argv,
        cwd=home.root,
        log=home.root / "part.log",
        health=lambda: Health(ok=True),
        env={"GREETING": "hello"},
    )


def _launch(home: Home, component: Component) -> subprocess.Popen[bytes]:
    write_spec(home, component, rank=0)
    return _start(home, component)


def _start(home: Home, component: Component) -> subprocess.Popen[bytes]:
    spec = str(spec_file(home, component.name))
    return subprocess.Popen([sys.executable, "-I", "-m", "deploy.local.launch", spec], cwd=PROJECT)


def test_the_program_gets_its_environment_its_folder_and_the_launchers_pid(home: Home) -> None:
    code = "import os; print(os.environ['GREETING'], os.getcwd(), os.getpid())"
    process = _launch(home, _component(home, sys.executable, "-c", code))
    assert process.wait(20) == 0
    assert (home.root / "part.log").read_text() == f"hello {home.root} {process.pid}\n"
    record = read_record(home, "part")
    assert record
    assert record.identity.pid == process.pid


def test_a_program_that_is_not_there_is_said_so_in_its_log(home: Home) -> None:
    assert _launch(home, _component(home, "/nowhere/to/be/found")).wait(20) == 127
    assert "/nowhere/to/be/found cannot run" in (home.root / "part.log").read_text()


def test_a_component_that_is_held_down_does_not_start_before_the_deadline(home: Home) -> None:
    component = _component(home, sys.executable, "-c", "print('started')")
    write_spec(home, component, rank=0)
    until = uptime() + 1
    hold(home, "part", until)
    process = _start(home, component)
    assert process.wait(60) == 0
    record = read_record(home, "part")
    assert record
    assert record.since >= until
    assert "started" in (home.root / "part.log").read_text()


def test_a_hold_that_is_lifted_lets_it_start_at_once(home: Home) -> None:
    component = _component(home, sys.executable, "-c", "print('started')")
    write_spec(home, component, rank=0)
    hold(home, "part", uptime() + 3600)
    process = _start(home, component)
    record = eventually(lambda: read_record(home, "part"), bool, "a record")
    assert record
    assert record.waiting
    assert held_names(home) == ["part"]
    lift(home, "part")
    assert process.wait(60) == 0


def test_starts_are_numbered_until_the_component_is_set_up_anew(home: Home) -> None:
    component = _component(home, sys.executable, "-c", "pass")
    assert _launch(home, component).wait(20) == 0
    for number in (2, 3):
        assert _start(home, component).wait(20) == 0
        record = read_record(home, "part")
        assert record
        assert record.starts == number
    assert _launch(home, component).wait(20) == 0
    record = read_record(home, "part")
    assert record
    assert record.starts == 1


def test_a_full_disk_keeps_nothing_from_starting_and_costs_no_count(home: Home) -> None:
    component = _component(home, sys.executable, "-c", "import sys; sys.exit(7)")
    assert _launch(home, component).wait(20) == 7
    assert _start(home, component).wait(20) == 7
    noted = read_record(home, "part")
    assert noted
    assert noted.short_runs == 1
    with room_for(0):
        process = _start(home, component)
    assert process.wait(20) == 7
    assert read_record(home, "part") == noted
    assert not list(launch_folder(home).glob("*.noting"))


def test_a_full_disk_holds_nothing_down_beyond_its_deadline(home: Home) -> None:
    write_spec(home, _component(home, sys.executable, "-c", "import sys; sys.exit(7)"), rank=0)
    until = uptime() + 2
    hold(home, "part", until)
    with room_for(0):
        process = _start(home, _component(home))
    assert process.wait(60) == 7
    assert uptime() >= until


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"boot": "another", "until": 1e12}'])
def test_a_hold_that_says_nothing_holds_nothing(home: Home, text: str) -> None:
    component = _component(home, sys.executable, "-c", "print('started')")
    write_spec(home, component, rank=0)
    hold_file(spec_file(home, "part")).write_text(text)
    assert _start(home, component).wait(60) == 0


def test_a_spec_is_readable_by_its_owner_alone(home: Home) -> None:
    path = write_spec(home, _component(home, "/bin/true"), rank=0)
    assert path.stat().st_mode & 0o777 == 0o600
    assert launch_folder(home).stat().st_mode & 0o777 == 0o700


def test_the_callers_own_token_is_not_handed_on(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHAROS_TOKEN", "mine-alone")
    monkeypatch.setenv("SOME_CLOUD_KEY", "mine-too")
    monkeypatch.setenv("PHAROS_LOG_LEVEL", "DEBUG")
    text = write_spec(home, _component(home, "/bin/true"), rank=0).read_text()
    assert "mine" not in text
    assert "PHAROS_LOG_LEVEL" in text
