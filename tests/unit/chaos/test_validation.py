"""What is wrong with an experiment is told with its place; what no experiment proves, too."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from typer.testing import CliRunner

from alerts.rulebook import load_rules
from chaos.cli import app
from chaos.runner.experiments import FOLDER, load
from chaos.runner.format import Need
from chaos.runner.validation import faults_in, unnamed
from deploy.local.extras import EXTRAS

RULES = load_rules()
ALERT = {"alert": "ReplicaDown", "within": 60, "resolved_within": 60}


def faults(tmp_path: Path, *signals: dict[str, Any], **changes: Any) -> list[str]:
    source = deepcopy(load("kill-replica").source) | changes
    source["extensions"][0]["signals"] = list(signals)
    path = tmp_path / "tried.yaml"
    path.write_text(yaml.safe_dump(source, sort_keys=False))
    return faults_in(path, RULES)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_experiment_that_ships_is_sound(path: Path) -> None:
    assert faults_in(path, RULES) == []


@pytest.mark.parametrize(
    ("signal", "words"),
    [
        ({"metric": "sum(pharos_nothing) > 1", "within": 9}, "pharos_nothing is not in the signal"),
        ({"metric": 'pharos_ready{colour="red"} > 0', "within": 9}, "pharos_ready{colour} is not"),
        ({"metric": "sum(pharos_ready > 0", "within": 9}, "is no PromQL"),
        ({"metric": "sum(pharos_ready)", "within": 9}, "always finds something"),
        ({"log": "colour:red", "within": 9}, "no field is called colour"),
        ({"log": "x", "component": "nobody", "within": 9}, "no component is called so"),
        (ALERT | {"alert": "ReplicaGone"}, "there is no alert ReplicaGone"),
        (ALERT | {"alert": "ComponentDown"}, "there are 2 alerts ComponentDown"),
        (ALERT | {"severity": "ticket"}, "ReplicaDown has no such severity"),
        (ALERT | {"alert": "WatchdogSilent", "severity": "page"}, "has but one: leave it out"),
        ({"silent": "ReplicaGone"}, "there is no alert ReplicaGone"),
        ({"silent": "any page", "but": ["ReplicaGone"]}, "there is no alert ReplicaGone"),
        ({"silent": "DeadLetters", "but": ["ReplicaDown"]}, "but: is of any page alone"),
        ({"smell": "burnt"}, "is no signal"),
        ({"metric": "up == 0"}, "within: is missing"),
        ({"metric": "up == 0", "within": 0}, "0 will not do"),
    ],
)
def test_a_signal_that_cannot_be_is_told(
    tmp_path: Path, signal: dict[str, Any], words: str
) -> None:
    told = faults(tmp_path, {"silent": "any page"}, signal)
    assert len(told) == 1
    assert words in told[0]
    assert "signals[1]" in told[0]


def test_a_place_is_a_line_and_a_column_of_the_file(tmp_path: Path) -> None:
    told = faults(tmp_path, {"silent": "ReplicaGone"})[0]
    name, line, column, _ = told.split(":", 3)
    text = (tmp_path / name).read_text().splitlines()[int(line) - 1]
    assert text[int(column) - 1 :].startswith("silent: ReplicaGone")


def _unknown_function(provider: dict[str, Any]) -> None:
    provider["func"] = "kill_them_all"


def _mere_function(provider: dict[str, Any]) -> None:
    provider["func"] = "utc_now"


def _unknown_module(provider: dict[str, Any]) -> None:
    provider["module"] = "chaos.faults.weather"


def _unknown_argument(provider: dict[str, Any]) -> None:
    provider["arguments"]["colour"] = "red"


def _missing_argument(provider: dict[str, Any]) -> None:
    provider["arguments"] = {}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_unknown_function, "no activity kill_them_all: it has inject"),
        (_mere_function, "no activity utc_now"),
        (_unknown_module, "there is no module chaos.faults.weather"),
        (_unknown_argument, "takes no such argument: it takes kind"),
        (_missing_argument, "needs the argument kind"),
    ],
)
def test_an_activity_that_cannot_be_is_told(
    tmp_path: Path, spoil: Callable[[dict[str, Any]], None], words: str
) -> None:
    method = deepcopy(load("kill-replica").source["method"])
    spoil(method[0]["provider"])
    told = faults(tmp_path, method=method)
    assert any(words in line and "method[0].provider" in line for line in told), told


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"kind": "pauze", "target": "api"}, "pauze"),
        ({"kind": "pause"}, "inject needs the argument target"),
        ({"kind": "pause", "target": "api", "lease_seconds": 9000}, "lease_seconds: 9000 will not"),
        (
            {"kind": "latency", "target": "api", "arguments": {"delay_seconds": 90}},
            "arguments.arguments.delay_seconds: 90 will not do",
        ),
        (
            {"kind": "latency", "target": "gateway", "arguments": {"delay": 1}},
            "arguments.arguments.delay",
        ),
    ],
)
def test_a_fault_that_its_place_would_refuse_is_told(
    tmp_path: Path, arguments: dict[str, Any], words: str
) -> None:
    method = deepcopy(load("kill-replica").source["method"])
    method[0]["provider"] |= {"module": "chaos.faults.leased", "func": "inject"}
    method[0]["provider"]["arguments"] = arguments
    told = faults(tmp_path, method=method)
    assert any(words in line and "method[0].provider.arguments" in line for line in told), told


def test_a_broken_text_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("title: a\nmethod: [\n")
    assert faults_in(path, RULES)[0].startswith("broken.yaml:3:1: this is no YAML")


def test_what_stands_twice_is_told(tmp_path: Path) -> None:
    path = tmp_path / "twice.yaml"
    path.write_text("title: a\ntitle: b\n")
    assert faults_in(path, RULES) == ["twice.yaml:2:1: title: stands on line 1 already: remove one"]


def test_an_alert_that_no_experiment_expects_is_listed(tmp_path: Path) -> None:
    faults(tmp_path, ALERT, {"silent": "CacheAway"})
    left = {rule.alert for rule in unnamed([tmp_path / "tried.yaml"], RULES)}
    assert "ReplicaDown" not in left
    assert "CacheAway" in left


def test_the_watchdog_is_expected_by_whoever_expects_its_silence(tmp_path: Path) -> None:
    assert faults(tmp_path, ALERT | {"alert": "WatchdogSilent"}) == []
    left = {rule.alert for rule in unnamed([tmp_path / "tried.yaml"], RULES)}
    assert "Watchdog" not in left


def test_of_two_rules_of_a_name_only_the_one_of_the_severity_is_expected(tmp_path: Path) -> None:
    faults(tmp_path, ALERT | {"alert": "ComponentDown", "severity": "page"})
    left = unnamed([tmp_path / "tried.yaml"], RULES)
    assert [r.labels.severity for r in left if r.alert == "ComponentDown"] == ["ticket"]


def test_the_command_tells_faults_and_fails(tmp_path: Path) -> None:
    faults(tmp_path, {"silent": "ReplicaGone"})
    result = CliRunner().invoke(app, ["chaos", "validate", str(tmp_path / "tried.yaml")])
    assert result.exit_code == 1
    assert "tried.yaml:" in result.stdout


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["chaos", "validate", str(tmp_path / "none.yaml")])
    assert result.exit_code == 2
    assert "none.yaml" in result.stderr


def test_alerts_that_none_expects_fail_only_where_that_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults(tmp_path, ALERT)
    monkeypatch.setattr("chaos.cli.proofs.FOLDER", tmp_path)
    plain, strict = (
        CliRunner().invoke(app, ["chaos", "validate", *options]) for options in ([], ["--strict"])
    )
    assert (plain.exit_code, strict.exit_code) == (0, 1)
    assert "no experiment expects CacheAway" in plain.stdout
    assert "no experiment expects ReplicaDown" not in plain.stdout


def test_what_an_experiment_needs_of_the_stack_is_one_of_its_extras(tmp_path: Path) -> None:
    source = deepcopy(load("kill-replica").source)
    source["extensions"][0]["needs"] = ["faults", "luck"]
    path = tmp_path / "needy.yaml"
    path.write_text(yaml.safe_dump(source, sort_keys=False))
    told = faults_in(path, RULES)
    assert len(told) == 1
    assert "needs[1]: 'luck' will not do" in told[0]
    assert set(get_args(Need)) <= EXTRAS.keys()
