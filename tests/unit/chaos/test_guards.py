"""What keeps a drill from starting, and the halt switch that works with everything dead."""

import fcntl
import threading
from pathlib import Path

import pytest

from chaos.runner import guards
from chaos.runner.guards import LOCK, GuardError, alone, check_guards, running_drill
from chaos.runner.halt import read_halt, throw_halt
from deploy.home import Home
from deploy.local.wanted import Wanted, write_wanted
from deploy.ports import Ports


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, Ports(9700))


def test_nothing_keeps_a_drill_from_starting_in_a_quiet_local_stack(home: Home) -> None:
    check_guards(home, "local")


def test_production_is_not_drilled(home: Home) -> None:
    with pytest.raises(GuardError, match="production"):
        check_guards(home, "production")


def test_a_drill_does_not_start_on_a_stack_that_lacks_what_it_needs(home: Home) -> None:
    with pytest.raises(GuardError, match="--with errors --with faults"):
        check_guards(home, "local", ["faults", "errors"])
    write_wanted(home, Wanted(extras=frozenset({"errors"})))
    with pytest.raises(GuardError, match=r"needs `pharos up --with faults`$"):
        check_guards(home, "local", ["faults", "errors"])
    check_guards(home, "local", ["errors"])


def test_no_drill_starts_while_halted_and_the_refusal_says_who_and_why(home: Home) -> None:
    throw_halt(home, "ana", "a real incident")
    with pytest.raises(GuardError, match="ana: a real incident"):
        check_guards(home, "local")


def test_a_second_drill_is_refused_and_told_which_one_runs(home: Home) -> None:
    with alone(home, "run-1"), pytest.raises(GuardError, match="run-1"), alone(home, "run-2"):
        pass


def test_the_lock_is_free_again_once_the_drill_has_ended(home: Home) -> None:
    with alone(home, "run-1"):
        assert running_drill(home) == "run-1"
    assert running_drill(home) is None
    with alone(home, "run-2"):
        assert running_drill(home) == "run-2"


def test_somebody_who_only_looks_does_not_keep_a_drill_from_starting(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A look takes an instant; the thread that ends this one may have to wait for its turn.
    monkeypatch.setattr(guards, "LOOK_SECONDS", 10.0)
    with alone(home, "run-1"):
        pass
    with (home.drills / LOCK).open() as looked_at:
        fcntl.flock(looked_at, fcntl.LOCK_SH)
        threading.Timer(0.05, fcntl.flock, (looked_at, fcntl.LOCK_UN)).start()
        with alone(home, "run-2"):
            assert running_drill(home) == "run-2"


def test_where_no_drill_ever_ran_none_runs(home: Home) -> None:
    assert running_drill(home) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"by": null}', '{"since": "yesterday"}'])
def test_a_halt_file_that_makes_no_sense_halts_all_the_same(home: Home, content: str) -> None:
    home.halt_file.write_text(content)
    halt = read_halt(home)
    assert halt.on
    assert halt.by
    assert halt.reason


def test_who_halted_first_stays_on_record(home: Home) -> None:
    throw_halt(home, "ana", "first")
    assert throw_halt(home, "ben", "second").by == "ana"
    assert read_halt(home).reason == "first"
