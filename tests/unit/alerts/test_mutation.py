"""Mutation as a whole: what survives is told, and what is said to be equivalent is held to it."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from alerts.mutation.equivalents import BadEquivalentsError, Equivalent, load_equivalents
from alerts.mutation.judging import UnknownRuleError, Verdict, every_mutant, judge, sampled
from alerts.mutation.rules import Room
from alerts.mutation.trial import UnprovedError, try_all
from alerts.mutation.wording import operator_lines, verdict_lines
from deploy.local.acquire import Programs, programs

REASON = "for the sake of this test, and of nothing else"
SEED = 7
AT_LEAST = 5
FILES = sorted({rule.file for rule in Room.load().rules})


@pytest.fixture(scope="session")
def tools() -> Programs:
    return programs(print)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """Return a room with one rule, whose only test is blind to its limit from below."""
    for folder in ("rules", "tests"):
        (tmp_path / folder).mkdir()
    rule = {"alert": "High", "expr": "max(level) > 10", "for": "0s"}
    case = {"eval_time": "1m", "alertname": "High", "exp_alerts": [{}]}
    test = {
        "interval": "1m",
        "input_series": [{"series": "level", "values": "11x5"}],
        "alert_rule_test": [case],
    }
    _write(tmp_path / "rules" / "high.yaml", {"groups": [{"name": "high", "rules": [rule]}]})
    _write(
        tmp_path / "tests" / "high.yaml", {"rule_files": ["../rules/high.yaml"], "tests": [test]}
    )
    return Room.load(tmp_path)


def _write(path: Path, content: object) -> None:
    path.write_text(yaml.safe_dump(content))


def _judged(room: Room, tools: Programs, *listed: Equivalent) -> Verdict:
    every = every_mutant(room)
    return judge(room, every, try_all(room, every, tools), list(listed))


def test_a_survivor_is_told_with_its_difference(room: Room, tools: Programs) -> None:
    verdict = _judged(room, tools)
    assert {mutant.operator for mutant in verdict.unexplained} >= {"threshold", "comparator"}
    assert not verdict.passed
    lines = list(verdict_lines(verdict, room))
    assert "survived: High: threshold: max(level) > 10 -> max(level) > 7.5" in lines
    assert lines[lines.index("    -max(level) > 10") + 1].startswith("    +")


def test_what_is_listed_with_a_reason_is_explained(room: Room, tools: Programs) -> None:
    survivors = [
        Equivalent(rule=m.rule, operator=m.operator, change=m.change, reason=REASON)
        for m in _judged(room, tools).unexplained
    ]
    verdict = _judged(room, tools, *survivors)
    assert verdict.passed
    assert verdict.explained == len(survivors)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("max(level) > 10 -> max(level) > 12.5", "it is killed, so it is not equivalent"),
        ("max(level) > 10 -> max(level) > 13", "there is no such mutant"),
    ],
)
def test_a_listed_mutant_that_is_killed_or_gone_is_an_error(
    room: Room, tools: Programs, change: str, words: str
) -> None:
    entry = Equivalent(rule="High", operator="threshold", change=change, reason=REASON)
    (broken,) = _judged(room, tools, entry).broken
    assert words in broken


def test_a_listed_mutant_of_a_rule_that_is_gone_is_an_error(room: Room) -> None:
    entry = Equivalent(rule="Low", operator="threshold", change="x > 1 -> x > 2", reason=REASON)
    (broken,) = judge(room, {}, [], [entry]).broken
    assert "there is no such mutant" in broken


def test_one_that_cannot_be_evaluated_hides_no_other(room: Room, tools: Programs) -> None:
    (document,) = room.tests.values()
    document["tests"][0]["input_series"] += [{"series": 'level{instance="a"}', "values": "9x5"}]
    (rule,) = room.rules
    rule.content["expr"] = "max(level) > 10 and on () sum(level) / on () max(level) > 0"
    (outcome,) = try_all(room, every_mutant(room), tools)
    assert {mutant.operator for mutant in outcome.killed} >= {"threshold", "label-added"}
    assert outcome.survived


def test_a_rule_whose_tests_fail_anyway_is_not_tried(room: Room, tools: Programs) -> None:
    (document,) = room.tests.values()
    document["tests"][0]["input_series"][0]["values"] = "0x5"
    with pytest.raises(UnprovedError, match="High: its tests fail without any change"):
        _judged(room, tools)


def test_what_promtool_did_not_come_to_is_no_mutant_killed(
    room: Room, tools: Programs, tmp_path: Path
) -> None:
    dies_after_one = tmp_path / "promtool"
    dies_after_one.write_text(f'#!/bin/sh\n{tools.promtool} test rules "$3"\nkill -9 $$\n')
    dies_after_one.chmod(0o700)
    with pytest.raises(UnprovedError, match=r"High: promtool ended before \d+ of \d+ tests"):
        _judged(room, replace(tools, promtool=dies_after_one))


def test_a_rule_that_no_test_looks_at_keeps_all_its_mutants(room: Room, tools: Programs) -> None:
    room.tests.clear()
    verdict = _judged(room, tools)
    assert verdict.killed == 0
    assert len(verdict.unexplained) == verdict.tried > 0


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    every = every_mutant(Room.load())
    assert sampled(every, AT_LEAST, SEED) == sampled(every, AT_LEAST, SEED)
    assert all(len(found) <= AT_LEAST for found in sampled(every, AT_LEAST, SEED).values())


def test_a_rule_that_does_not_exist_is_refused(room: Room) -> None:
    with pytest.raises(UnknownRuleError, match="there is no rule Low"):
        every_mutant(room, ["Low"])


def test_every_operator_is_published() -> None:
    names = [line.split()[0] for line in operator_lines()]
    used = {mutant.operator for found in every_mutant(Room.load()).values() for mutant in found}
    assert used <= set(names)
    assert len(names) == len(set(names)) >= 15


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("equivalents:\n  - {rule: X, operator: y, change: z}", "equivalents.0.reason"),
        ("equivalents:\n  - {rule: X, operator: y, change: z, reason: so}", "equivalents.0.reason"),
        ("equivalents: [", "no YAML"),
    ],
)
def test_an_equivalent_needs_its_reason(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "equivalents.yaml"
    path.write_text(text)
    with pytest.raises(BadEquivalentsError, match=words):
        load_equivalents(path)


@pytest.mark.parametrize("file", FILES)
def test_each_mutant_of_a_rule_is_killed_or_explained(file: str, tools: Programs) -> None:
    room = Room.load()
    every = every_mutant(room, [rule.name for rule in room.rules if rule.file == file])
    verdict = judge(room, every, try_all(room, every, tools), load_equivalents())
    assert verdict.passed, "\n".join(verdict_lines(verdict, room))
    assert not verdict.few
