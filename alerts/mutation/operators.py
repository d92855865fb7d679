"""The ways in which an expression is broken. Each is one slip that a person could make.

An operator takes an expression and yields changed ones; whether they parse and
differ is for `mutants` to find out.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from alerts.mutation.operands import left_of, right_of
from alerts.tokens import Kind, Token, duration, tokens

Changed = Iterator[str]


@dataclass(frozen=True, slots=True)
class Operator:
    """`breaks` yields the expressions that come of one, each changed in one place."""

    name: str
    words: str
    breaks: Callable[[str], Changed]


COMPARATORS = {
    ">": (">=", "<"),
    ">=": (">", "<"),
    "<": ("<=", ">"),
    "<=": ("<", ">"),
    "==": ("!=",),
    "!=": ("==",),
}
ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*"}
SETS = {"and": ("or", "unless"), "or": ("and", "unless"), "unless": ("and", "or")}
NEGATED = {"=": "!=", "!=": "=", "=~": "!~", "!~": "=~"}
AGGREGATIONS = {
    "sum": "max",
    "max": "min",
    "min": "max",
    "avg": "max",
    "count": "group",
    "group": "count",
}
FUNCTIONS = {
    "rate": "increase",
    "increase": "rate",
    "irate": "rate",
    "delta": "deriv",
    "deriv": "delta",
    "clamp_min": "clamp_max",
    "clamp_max": "clamp_min",
    "sum_over_time": "avg_over_time",
    "avg_over_time": "max_over_time",
    "max_over_time": "min_over_time",
    "min_over_time": "max_over_time",
    "changes": "resets",
    "resets": "changes",
    "absent": "group",
    "absent_over_time": "count_over_time",
}
ADDED_LABEL = "instance"


def _threshold(expression: str) -> Changed:
    for token in _outside_braces(expression):
        if token.kind is Kind.NUMBER:
            value = float(token.text)
            for other in (value * 1.25, value * 0.75) if value else (1.0, -1.0):
                yield _put(expression, token, f"{other:.12g}")


def _comparator(expression: str) -> Changed:
    yield from _swapped(expression, COMPARATORS)


def _arithmetic(expression: str) -> Changed:
    for before, token in _neighbours(expression):
        if token.text not in ARITHMETIC or token.kind is not Kind.OPERATOR:
            continue
        if _ends_operand(before):
            yield _put(expression, token, ARITHMETIC[token.text])
        elif token.text == "-":
            yield _put(expression, token, "")


def _window(expression: str) -> Changed:
    for token in _outside_braces(expression):
        if token.kind is Kind.DURATION:
            milliseconds = duration(token.text)
            yield _put(expression, token, f"{milliseconds // 2}ms")
            yield _put(expression, token, f"{milliseconds * 2}ms")


def _matcher_dropped(expression: str) -> Changed:
    for label, _, value in _matchers(expression):
        start, end = label.start, value.end
        rest = expression[end:].lstrip()
        if rest.startswith(","):
            end = len(expression) - len(rest) + 1
        elif expression[:start].rstrip().endswith(","):
            start = len(expression[:start].rstrip()) - 1
        yield expression[:start] + expression[end:]


def _matcher_negated(expression: str) -> Changed:
    for _, sign, _ in _matchers(expression):
        yield _put(expression, sign, NEGATED[sign.text])


def _matcher_changed(expression: str) -> Changed:
    for _, sign, value in _matchers(expression):
        inside = value.text[1:-1]
        parts = inside.split("|") if sign.text in ("=~", "!~") else [inside]
        fewer = ["|".join(parts[:i] + parts[i + 1 :]) for i in range(len(parts))]
        for other in fewer if len(parts) > 1 else [f"{inside}x"]:
            yield _put(expression, value, f'"{other}"')


def _label_dropped(expression: str) -> Changed:
    for opening, labels, closing in _label_lists(expression):
        for label in labels:
            rest = ", ".join(other.text for other in labels if other is not label)
            yield expression[: opening.end] + rest + expression[closing.start :]


def _label_added(expression: str) -> Changed:
    for opening, labels, closing in _label_lists(expression):
        names = [label.text for label in labels]
        if ADDED_LABEL not in names:
            more = ", ".join([*names, ADDED_LABEL])
            yield expression[: opening.end] + more + expression[closing.start :]
    for token, after in pairwise(_outside_braces(expression)):
        if token.text in AGGREGATIONS and after.text == "(":
            yield _put(expression, token, f"{token.text} by ({ADDED_LABEL}) ")


def _grouping(expression: str) -> Changed:
    yield from _swapped(expression, {"by": ("without",), "without": ("by",)})
    yield from _swapped(expression, {"on": ("ignoring",), "ignoring": ("on",)})


def _aggregation(expression: str) -> Changed:
    for token, after in pairwise(_outside_braces(expression)):
        if token.text in AGGREGATIONS and after.text in ("(", "by", "without"):
            yield _put(expression, token, AGGREGATIONS[token.text])


def _function(expression: str) -> Changed:
    for token, after in pairwise(_outside_braces(expression)):
        if token.text in FUNCTIONS and after.text == "(":
            yield _put(expression, token, FUNCTIONS[token.text])


def _set_swapped(expression: str) -> Changed:
    yield from _swapped(expression, SETS)


def _operand_dropped(expression: str) -> Changed:
    """`a and b` becomes `a`, and `b`: a guard that is missing, or that stands alone."""
    found = tokens(expression)
    for index, token in enumerate(found):
        if token.kind is Kind.WORD and token.text in SETS and not token.braces:
            begin, end = left_of(found, index), right_of(found, index)
            yield expression[: token.start] + expression[end:]
            yield expression[:begin] + _after_matching(expression, found, index)


def _after_matching(expression: str, found: list[Token], index: int) -> str:
    """Return what follows a set operator, without the `on (…)` that belongs to it."""
    following = found[index + 1 :]
    if following[0].text not in ("on", "ignoring"):
        return expression[found[index].end :]
    closing = next(token for token in following if token.text == ")")
    return expression[closing.end :]


OPERATORS = (
    Operator("threshold", "a number a quarter higher, and lower; 0 becomes 1, and -1", _threshold),
    Operator("comparator", "> becomes >= and <, == becomes !=, and so on", _comparator),
    Operator("arithmetic", "+ and - change places, * and /; a leading - goes", _arithmetic),
    Operator("window", "a range, step or offset halved, and doubled", _window),
    Operator("matcher-dropped", "a label matcher goes", _matcher_dropped),
    Operator("matcher-negated", "= becomes !=, =~ becomes !~, and back", _matcher_negated),
    Operator("matcher-changed", "another value; of alternatives, one goes", _matcher_changed),
    Operator("label-dropped", "a label of by, without, on or ignoring goes", _label_dropped),
    Operator("label-added", f"`{ADDED_LABEL}` is aggregated by as well", _label_added),
    Operator("grouping", "by becomes without, on becomes ignoring, and back", _grouping),
    Operator("aggregation", "sum becomes max, max min, count group, and so on", _aggregation),
    Operator("function", "rate becomes increase, clamp_min clamp_max, and so on", _function),
    Operator("set", "and, or, unless: each becomes each other", _set_swapped),
    Operator("operand-dropped", "of and, or, unless one side goes: a guard lost", _operand_dropped),
)


def _outside_braces(expression: str) -> list[Token]:
    return [token for token in tokens(expression) if not token.braces]


def _neighbours(expression: str) -> Iterator[tuple[Token | None, Token]]:
    found = _outside_braces(expression)
    yield from zip([None, *found], found, strict=False)


def _ends_operand(token: Token | None) -> bool:
    if token is None:
        return False
    if token.kind is Kind.WORD:
        return token.text not in (*SETS, "by", "without", "bool", "offset")
    return token.kind is not Kind.OPERATOR and token.text not in ("(", ",", "[", ":", "{")


def _swapped(expression: str, table: Mapping[str, tuple[str, ...]]) -> Changed:
    for token in _outside_braces(expression):
        if token.kind in (Kind.OPERATOR, Kind.WORD):
            for other in table.get(token.text, ()):
                yield _put(expression, token, other)


def _matchers(expression: str) -> Iterator[tuple[Token, Token, Token]]:
    found = tokens(expression)
    for label, sign, value in zip(found, found[1:], found[2:], strict=False):
        if sign.braces and sign.text in NEGATED and value.kind is Kind.STRING:
            yield label, sign, value


def _label_lists(expression: str) -> Iterator[tuple[Token, list[Token], Token]]:
    found = _outside_braces(expression)
    for index, token in enumerate(found[:-1]):
        if token.text in ("by", "without", "on", "ignoring") and found[index + 1].text == "(":
            inside = found[index + 2 :]
            closing = next(at for at, other in enumerate(inside) if other.text == ")")
            labels = [other for other in inside[:closing] if other.kind is Kind.WORD]
            yield found[index + 1], labels, inside[closing]


def _put(expression: str, token: Token, text: str) -> str:
    return expression[: token.start] + text + expression[token.end :]
