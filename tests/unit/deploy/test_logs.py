"""Reading, following and rotating logs."""

import json
from itertools import islice
from pathlib import Path

import pytest

from deploy.home import Home
from deploy.local.agent.rotation import KEPT, rotate
from deploy.local.layout import StackError
from deploy.local.logs import Follower, Line, last_lines, log_files, render, tail
from deploy.ports import Ports

ECS = {
    "@timestamp": "2026-11-22T18:28:11.299+00:00",
    "log.level": "info",
    "message": "Adding a replica",
    "service.name": "agent",
    "replica": "api-3",
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path, Ports(9000))
    made.logs.mkdir()
    return made


def test_our_own_lines_read_as_time_level_component_message() -> None:
    text = render(Line("agent", json.dumps(ECS)))
    assert text.split() == [
        "18:28:11.299",
        "info",
        "agent",
        *["Adding", "a", "replica", "replica=api-3"],
    ]


def test_a_stack_trace_stands_below_its_line() -> None:
    failed = ECS | {"error.stack_trace": "Traceback\n  line 1"}
    assert render(Line("agent", json.dumps(failed))).splitlines()[1:] == ["Traceback", "  line 1"]


@pytest.mark.parametrize("text", ["LOG:  ready", "{", "[]", '{"message": "no time"}', '"word"'])
def test_a_line_that_is_not_ours_is_left_as_it_is(text: str) -> None:
    assert render(Line("redis", text)).split(maxsplit=1) == ["redis", text]


def test_an_unknown_component_is_told_the_known_ones(home: Home) -> None:
    (home.logs / "redis.log").touch()
    with pytest.raises(StackError, match="sails has no log; those with one: redis"):
        log_files(home, "sails")


def test_what_a_process_printed_beside_its_log_is_shown_too(home: Home) -> None:
    (home.logs / "api-1.log").write_text("logged\n")
    (home.logs / "api-1.out").write_text("Traceback\n")
    lines = tail(log_files(home, "api-1"), 5)
    assert [line.text for line in lines] == ["logged", "Traceback"]


def test_only_the_last_lines_are_shown(home: Home) -> None:
    path = home.logs / "redis.log"
    path.write_text("".join(f"{number}\n" for number in range(100)))
    assert last_lines(path, 2) == ["98", "99"]
    assert last_lines(path, 0) == []


def test_following_goes_on_after_a_rotation(home: Home) -> None:
    path = home.logs / "redis.log"
    path.write_text("before\n")
    lines = Follower(log_files(home, "redis")).lines()
    with path.open("a") as file:
        file.write("added\nhalf a li")
    assert next(lines).text == "added"
    path.rename(home.logs / "redis.log.1")
    path.write_text("fresh\n")
    assert next(lines).text == "fresh"
    path.write_text("cut\n")
    assert [line.text for line in islice(lines, 1)] == ["cut"]


def test_a_grown_log_is_cut_in_place_and_a_few_old_ones_are_kept(home: Home) -> None:
    path = home.logs / "redis.log"
    with path.open("a") as writer:
        for number in range(KEPT + 2):
            writer.write(f"{number} " * 20)
            writer.flush()
            assert rotate(home, max_bytes=10) == [path]
        writer.write("after")
    assert path.read_text() == "after"
    kept = sorted(old.name for old in home.logs.glob("redis.log.*"))
    assert kept == ["redis.log.1", "redis.log.2", "redis.log.3"]
    assert (home.logs / "redis.log.1").read_text().startswith(f"{KEPT + 1} ")


def test_a_small_log_is_left_alone(home: Home) -> None:
    (home.logs / "redis.log").write_text("short")
    assert rotate(home, max_bytes=10) == []


def test_what_a_process_of_ours_rotates_itself_is_left_to_it(home: Home) -> None:
    (home.logs / "control.log").write_text("long enough to be rotated")
    assert rotate(home, max_bytes=10) == []
