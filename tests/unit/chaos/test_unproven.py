"""Alerts that no drill can prove: few, each with its reason, and never one that a drill proves."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.rulebook import load_rules
from chaos.runner.experiments import FOLDER
from chaos.runner.unproven import check_unproven, load_unproven
from chaos.runner.validation import unnamed

RULES = load_rules()
WHY = "There is no way to make it on one machine."


def check(tmp_path: Path, *alerts: dict[str, Any]) -> list[str]:
    path = tmp_path / "unproven.yaml"
    path.write_text(yaml.safe_dump({"unproven": list(alerts)}))
    expected = [rule for rule in RULES if rule.alert in {"ReplicaDown", "ComponentDown"}]
    return check_unproven(RULES, expected, path)[1]


def test_the_list_that_ships_is_sound_and_speaks_of_no_alert_that_a_drill_proves() -> None:
    silent = unnamed(sorted(FOLDER.glob("*.yaml")), RULES)
    assert check_unproven(RULES, [rule for rule in RULES if rule not in silent])[1] == []
    assert "DiskFilling" in {each.alert for each in load_unproven()}


def test_an_alert_has_an_experiment_or_its_reason() -> None:
    excused = load_unproven()
    left = {
        rule.alert
        for rule in unnamed(sorted(FOLDER.glob("*.yaml")), RULES)
        if not any(each.speaks_of(rule) for each in excused)
    }
    assert left == set()


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"alert": "NoSuch", "reason": WHY}, "alert: there is no such alert"),
        ({"alert": "Watchdog", "severity": "page", "reason": WHY}, "with its own severity"),
        ({"alert": "ReplicaDown", "reason": WHY}, "is expected by an experiment: remove it"),
        ({"alert": "Watchdog", "reason": "it is so"}, "reason: 'it is so' will not do"),
        ({"alert": "Watchdog"}, "reason: is missing"),
    ],
)
def test_an_entry_that_cannot_stand_is_told_with_its_line(
    tmp_path: Path, entry: dict[str, str], words: str
) -> None:
    told = check(tmp_path, entry)
    assert len(told) == 1
    assert told[0].startswith("unproven.yaml:")
    assert words in told[0]


def test_more_than_three_are_too_many(tmp_path: Path) -> None:
    names = ("Watchdog", "DiskFilling", "SliMissing", "DeadLetters")
    told = check(tmp_path, *({"alert": name, "reason": WHY} for name in names))
    assert len(told) == 1
    assert "unproven[3]: is one too many" in told[0]
