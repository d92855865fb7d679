"""The words of `pharos status`, from launch records and health answers."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.driver import ComponentState, StackStatus
from deploy.home import Home
from deploy.local.agent.board import Board
from deploy.local.component import Health
from deploy.local.launch import boot_id, uptime
from deploy.local.printing import unready
from deploy.local.processes import Identity, identify
from deploy.local.specs import launch_folder, look_at, running
from deploy.local.status import (
    STARTING_SECONDS,
    Answer,
    build_status,
    once_ready,
    state_of,
)
from deploy.local.wanted import Wanted, read_wanted, write_wanted
from deploy.ports import Ports

WELL, ILL = Health(ok=True, version="1.0"), Health(ok=False, detail="no answer")
DEAD = Identity(2**22 + 1, 1)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path, Ports(9000))
    launch_folder(made).mkdir(parents=True)
    return made


def _self() -> Identity:
    found = identify(os.getpid())
    assert found
    return found


def _ran(home: Home, name: str, who: Identity, *, seconds: float = 0, runs: int = 0) -> None:
    """Write a launch record: `who` runs as `name` since so many seconds ago."""
    record = {
        "pid": who.pid,
        "ticks": who.ticks,
        "boot": boot_id(),
        "since": uptime() - seconds,
        "short_runs": runs,
    }
    (launch_folder(home) / f"{name}.state").write_text(json.dumps(record))


def _answers(home: Home, *names: str) -> dict[str, Answer]:
    """Return that those are well, as the processes that they now are."""
    return {name: Answer(WELL, running(home, name)) for name in names}


def _role(status: StackStatus, name: str) -> ComponentState:
    return next(part.state for part in status.components if part.name == name)


def test_what_was_never_started_is_stopped(home: Home) -> None:
    assert state_of(look_at(home, "redis"), WELL) is ComponentState.STOPPED


def test_a_healthy_process_is_ready(home: Home) -> None:
    _ran(home, "redis", _self())
    assert state_of(look_at(home, "redis"), WELL) is ComponentState.READY


def test_a_young_process_is_starting_and_an_old_one_degraded(home: Home) -> None:
    _ran(home, "redis", _self())
    assert state_of(look_at(home, "redis"), ILL) is ComponentState.STARTING
    _ran(home, "redis", _self(), seconds=STARTING_SECONDS + 1)
    assert state_of(look_at(home, "redis"), ILL) is ComponentState.DEGRADED


def test_a_start_that_is_held_back_is_backoff(home: Home) -> None:
    _ran(home, "redis", _self(), seconds=-4, runs=4)
    assert state_of(look_at(home, "redis"), ILL) is ComponentState.BACKOFF


def test_between_two_crashes_of_a_loop_it_is_still_backoff(home: Home) -> None:
    _ran(home, "redis", DEAD, seconds=0.1, runs=3)
    assert state_of(look_at(home, "redis"), ILL) is ComponentState.BACKOFF


def test_a_process_that_ended_is_stopped_whatever_a_check_once_said(home: Home) -> None:
    _ran(home, "redis", DEAD, seconds=100)
    assert state_of(look_at(home, "redis"), WELL) is ComponentState.STOPPED


def test_another_process_with_the_same_pid_is_not_taken_for_it(home: Home) -> None:
    _ran(home, "redis", Identity(os.getpid(), _self().ticks - 1), seconds=100)
    assert state_of(look_at(home, "redis"), WELL) is ComponentState.STOPPED


@pytest.mark.parametrize(
    ("ready", "state"),
    [
        (("api-1", "api-2"), ComponentState.READY),
        (("api-2",), ComponentState.DEGRADED),
        ((), ComponentState.STARTING),
    ],
)
def test_a_role_is_as_its_replicas_are(
    home: Home, ready: tuple[str, ...], state: ComponentState
) -> None:
    for name in ("api-1", "api-2"):
        _ran(home, name, _self())
    status = build_status(home, Wanted(), _answers(home, *ready))
    assert _role(status, "api") is state
    assert not status.ready


def test_a_replica_that_is_no_longer_wanted_is_shown_until_it_is_gone(home: Home) -> None:
    _ran(home, "api-5", _self())
    names = [row.id for row in build_status(home, Wanted(), {}).replicas]
    assert names == ["api-1", "api-2", "api-5", "relay", "worker"]


def test_a_part_that_was_left_out_is_absent_and_its_url_null(home: Home) -> None:
    without = build_status(home, Wanted(), {})
    with_it = build_status(home, Wanted(extras=frozenset({"errors"})), {})
    assert "errors" not in [part.name for part in without.components]
    assert without.urls.errors is None
    assert "errors" in [part.name for part in with_it.components]
    assert with_it.urls.errors == "http://127.0.0.1:9005"


def test_an_answer_does_not_outlive_the_process_that_gave_it(home: Home) -> None:
    board = Board(home)
    _ran(home, "api-1", _self())
    board.saw("api-1", Answer(WELL, running(home, "api-1")))
    assert board.ready("api-1")
    _ran(home, "api-1", DEAD)
    assert not board.ready("api-1")


def test_an_answer_of_the_process_before_says_nothing_of_the_one_that_runs(home: Home) -> None:
    _ran(home, "relay", _self(), seconds=100)
    before = _answers(home, "relay")
    assert _relay(build_status(home, Wanted(), before)) == (os.getpid(), True)
    _ran(home, "relay", _self())
    assert _relay(build_status(home, Wanted(), before)) == (os.getpid(), False)
    _ran(home, "relay", DEAD)
    assert _relay(build_status(home, Wanted(), before)) == (None, False)


def _relay(status: StackStatus) -> tuple[int | None, bool]:
    return next((row.pid, row.ready) for row in status.replicas if row.id == "relay")


def test_one_missed_poll_is_tolerated_and_two_are_not(home: Home) -> None:
    board = Board(home)
    _ran(home, "api-1", _self())
    board.saw("api-1", Answer(WELL, running(home, "api-1")))
    board.missed("api-1")
    assert [seat.id for seat in board.serving()] == ["api-1"]
    board.missed("api-1")
    assert board.serving() == []


def test_what_is_wanted_survives_on_disk(home: Home) -> None:
    assert read_wanted(home) is None
    write_wanted(home, Wanted().with_extras(["errors"]).with_count("api", 7))
    again = read_wanted(home)
    assert again
    assert again.extras == {"errors"}
    assert [seat.id for seat in again.seats()][-3:] == ["api-7", "relay", "worker"]


def test_a_stack_of_an_earlier_release_keeps_its_error_tracker(home: Home) -> None:
    home.stack_file.write_text('{"counts": {"api": 3, "relay": 1, "worker": 1}, "errors": true}')
    wanted = read_wanted(home)
    assert wanted == Wanted(extras=frozenset({"errors"})).with_count("api", 3)


def test_extras_are_added_and_none_is_lost() -> None:
    assert Wanted().with_extras(["errors"]).with_extras([]).extras == {"errors"}


def _statuses(home: Home, *ready: bool) -> Callable[[], StackStatus]:
    found = build_status(home, Wanted(), {})
    answers = iter([found.model_copy(update={"ready": each}) for each in ready])
    return lambda: next(answers)


def test_a_part_that_answers_late_once_is_asked_again(home: Home) -> None:
    assert once_ready(_statuses(home, False, False, True), pause=0).ready


def test_what_does_not_get_ready_is_told_as_it_was_last(home: Home) -> None:
    assert not once_ready(_statuses(home, False, True), within=0, pause=0).ready


def test_parts_that_are_not_ready_are_named_with_their_states(home: Home) -> None:
    _ran(home, "api-1", _self())
    _ran(home, "redis", _self())
    told = unready(build_status(home, Wanted(), _answers(home, "redis")))
    assert "api (starting)" in told
    assert "postgres (stopped)" in told
    assert "redis" not in told.replace("redis-metrics", "")
