"""A drill does not start on a stack that lacks the extra which its experiment needs."""

from pathlib import Path

from console.control.services.guards.guard import Asked
from console.control.services.guards.needs import Needs
from console.schemas import Experiment
from deploy.home import Home
from deploy.local.wanted import Wanted, write_wanted
from deploy.ports import Ports


def asked(*needs: str) -> Asked:
    words = {"title": "x", "description": "x", "blast_radius": "x", "rollback": "x"}
    experiment = Experiment(name="x", hypothesis=[], action=[], needs=list(needs), **words)
    return Asked(experiment, "standard", [])


def test_what_is_missing_is_named_with_the_way_to_get_it(tmp_path: Path) -> None:
    home = Home(tmp_path, Ports(9700))
    write_wanted(home, Wanted(extras=frozenset({"elk"})))
    said = Needs(home)(asked("elk", "errors", "faults"))
    assert said.answer == "refused"
    assert said.reason == "The stack has no errors and no faults."
    assert said.remedy == "`pharos up --with errors --with faults`."


def test_what_needs_nothing_or_has_it_all_may_start(tmp_path: Path) -> None:
    home = Home(tmp_path, Ports(9700))
    assert Needs(home)(asked()).answer == "ok"
    write_wanted(home, Wanted(extras=frozenset({"faults"})))
    assert Needs(home)(asked("faults")).answer == "ok"
