"""The operators of mutation: what each makes of an expression."""

import pytest

from alerts.mutation.mutants import Mutant, mutants
from alerts.mutation.operators import OPERATORS
from alerts.mutation.rules import Loaded
from alerts.tokens import duration

BY_NAME = {operator.name: operator for operator in OPERATORS}


@pytest.mark.parametrize(
    ("operator", "before", "after"),
    [
        ("threshold", "x > 30", ["x > 37.5", "x > 22.5"]),
        ("threshold", "x == 0", ["x == 1", "x == -1"]),
        ("threshold", 'x{a="5"}[5m]', []),
        ("comparator", "x > 1", ["x >= 1", "x < 1"]),
        ("comparator", "x >= 1", ["x > 1", "x < 1"]),
        ("comparator", 'x{a!="b"} == 1', ['x{a!="b"} != 1']),
        ("arithmetic", "x + y * 2", ["x - y * 2", "x + y / 2"]),
        ("arithmetic", "-absent(x)", ["absent(x)"]),
        ("arithmetic", 'x or -y{a="b-c"}', ['x or y{a="b-c"}']),
        ("window", "rate(x[5m])", ["rate(x[150000ms])", "rate(x[600000ms])"]),
        ("window", "x offset 15s", ["x offset 7500ms", "x offset 30000ms"]),
        ("matcher-dropped", 'x{a="b",c="d"}', ['x{c="d"}', 'x{a="b"}']),
        ("matcher-dropped", 'x{a="b"}', ["x{}"]),
        ("matcher-negated", 'x{a="b"}', ['x{a!="b"}']),
        ("matcher-negated", 'x{a!~"b"}', ['x{a=~"b"}']),
        ("matcher-changed", 'x{a="b"}', ['x{a="bx"}']),
        ("matcher-changed", 'x{a=~"b|c"}', ['x{a=~"c"}', 'x{a=~"b"}']),
        ("label-dropped", "sum by (a, b) (x)", ["sum by (b) (x)", "sum by (a) (x)"]),
        ("label-added", "sum(x)", ["sum by (instance) (x)"]),
        ("label-added", "sum by (a) (x)", ["sum by (a, instance) (x)"]),
        ("label-added", "sum by (a, instance) (x)", []),
        ("grouping", "sum by (a) (x)", ["sum without (a) (x)"]),
        ("grouping", "x and on (a) y", ["x and ignoring (a) y"]),
        ("aggregation", "sum by (a) (x)", ["max by (a) (x)"]),
        ("function", "rate(x[5m])", ["increase(x[5m])"]),
        ("set", "x and y", ["x or y", "x unless y"]),
        ("operand-dropped", "x unless y", ["x ", " y"]),
        ("operand-dropped", "x or on (a) y", ["x ", " y"]),
    ],
)
def test_an_operator_changes_one_place(operator: str, before: str, after: list[str]) -> None:
    assert list(BY_NAME[operator].breaks(before)) == after


def test_an_operand_ends_where_one_that_binds_less_begins() -> None:
    left = list(BY_NAME["operand-dropped"].breaks("a and b and c or (d unless e)"))
    assert [" ".join(text.split()) for text in left] == [
        "a and c or (d unless e)",
        "b and c or (d unless e)",
        "a and b or (d unless e)",
        "c or (d unless e)",
        "a and b and c",
        "(d unless e)",
        "a and b and c or (d )",
        "a and b and c or ( e)",
    ]


@pytest.mark.parametrize(("text", "milliseconds"), [("5m30s", 330_000), ("1d", 86_400_000)])
def test_a_duration_of_several_parts_is_added_up(text: str, milliseconds: int) -> None:
    assert duration(text) == milliseconds


def _mutants(**content: object) -> list[Mutant]:
    return mutants(Loaded("x.yaml", {"alert": "X", "expr": "x > 1", **content}))


def test_a_rule_is_held_for_half_twice_and_no_time() -> None:
    held = [
        mutant.content["for"] for mutant in _mutants(**{"for": "1m"}) if mutant.operator == "for"
    ]
    assert held == ["30000ms", "120000ms", "0ms"]


def test_a_rule_is_given_to_the_wrong_people() -> None:
    labels = {"severity": "page", "team": "product"}
    wrong = [m.content["labels"] for m in _mutants(labels=labels) if m.operator == "label"]
    assert wrong == [labels | {"severity": "ticket"}, labels | {"team": "platform"}]


def test_what_does_not_parse_or_says_the_same_is_no_mutant() -> None:
    expressions = [mutant.content["expr"] for mutant in _mutants(expr='x{a="b"} > 1')]
    assert len(set(expressions)) == len(expressions)
    assert all(" ".join(text.split()) != 'x{a="b"} > 1' for text in expressions)


def test_mutants_that_look_alike_bear_numbers() -> None:
    alike = [m.change for m in _mutants(expr="x + x + x + x + x + x + x + x + x + x + x + x > 1")]
    assert len(set(alike)) == len(alike)
