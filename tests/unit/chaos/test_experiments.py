"""The experiments that ship can be run, and a file that could not be interrupted is refused."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from chaos.runner.engine import check_runnable
from chaos.runner.experiments import ExperimentError, UnknownExperimentError, load, load_all, names


@pytest.mark.parametrize("name", names())
def test_every_experiment_that_ships_is_one_that_the_engine_takes(name: str) -> None:
    check_runnable(load(name).source)


def test_an_experiment_is_described_in_the_words_of_its_steps() -> None:
    experiment = load("kill-replica").experiment
    assert experiment.hypothesis[0] == "Every wanted api replica is ready"
    assert experiment.action[0].startswith("Kill one ready api replica")
    assert experiment.blast_radius
    assert experiment.rollback


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("kill-replica", "More than 5 % of the requests fail for 5 s."),
        ("kill-postgres", "No harm ends it early: all of the requests may fail."),
    ],
)
def test_an_experiment_says_which_harm_ends_it_and_whether_any_does(name: str, words: str) -> None:
    assert load(name).experiment.abort == words


@pytest.mark.parametrize(
    "pitfall",
    ["connection-exhaustion", "hot-spot", "memory-leak", "n-plus-one", "silent-failure"],
)
def test_each_pitfall_of_scalable_backends_has_an_experiment(pitfall: str) -> None:
    assert any(pitfall in plan.experiment.tags for plan in load_all())


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownExperimentError, match="kill-replica"):
        load("kill-everything")


def _background(source: dict[str, Any]) -> None:
    source["method"][0]["background"] = True


def _pause(source: dict[str, Any]) -> None:
    source["method"][0]["pauses"] = {"after": 600}


def _control(source: dict[str, Any]) -> None:
    source["controls"] = [{"name": "guard"}]


def _process(source: dict[str, Any]) -> None:
    source["method"][0]["provider"] = {"type": "process", "path": "/bin/true"}


def _foreign_module(source: dict[str, Any]) -> None:
    source["method"][0]["provider"]["module"] = "os"


def _no_undo(source: dict[str, Any]) -> None:
    source["rollbacks"] = []


def _no_abort_condition(source: dict[str, Any]) -> None:
    del source["extensions"][0]["abort_when"]


@pytest.mark.parametrize(
    "spoil",
    [_background, _pause, _control, _process, _foreign_module, _no_undo, _no_abort_condition],
)
def test_what_cannot_be_interrupted_undone_or_stopped_is_refused(
    spoil: Any, tmp_path: Path
) -> None:
    source = deepcopy(load("kill-replica").source)
    spoil(source)
    (tmp_path / "spoilt.yaml").write_text(yaml.safe_dump(source))
    with pytest.raises(ExperimentError, match=r"spoilt\.yaml"):
        load("spoilt", tmp_path)


def test_an_activity_that_does_not_exist_is_found_before_anything_is_done() -> None:
    source = deepcopy(load("kill-replica").source)
    source["method"][0]["provider"]["func"] = "kill_them_all"
    with pytest.raises(ExperimentError, match="kill_them_all"):
        check_runnable(source)
