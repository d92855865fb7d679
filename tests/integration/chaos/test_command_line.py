"""`pharos chaos …` with a control service that answers, refuses, or is dead."""

import json

from tests.integration.chaos.commanding import CommandLine


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
