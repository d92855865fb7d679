"""PromQL in tokens with their places: enough to change an expression at one point.

Source of the grammar: Prometheus' promql/parser/lex.go, as far as 2.42 knows it.
Whether a changed text is an expression at all is for a real parser to say.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

_PATTERNS = {
    "space": r"\s+",
    "string": r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'',
    "duration": r"(?:\d+(?:ms|[smhdwy]))+(?![\w.])",
    "number": r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?",
    "word": r"[A-Za-z_:][\w:]*",
    "operator": r"==|!=|>=|<=|=~|!~|[-+*/%^<>=]",
    "mark": r"[(){}\[\],:@]",
}
_PARTS = re.compile(r"(\d+)(ms|[smhdwy])")
_ANY = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS.items()))


class Kind(StrEnum):
    STRING = "string"
    DURATION = "duration"
    NUMBER = "number"
    WORD = "word"
    OPERATOR = "operator"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `braces` and `depth` count the braces and parentheses around it."""

    kind: Kind
    text: str
    start: int
    end: int
    braces: int
    depth: int


def tokens(expression: str) -> list[Token]:
    """Return the tokens without the space between them.

    Raises:
        ValueError: there is something that no token begins with.
    """
    found: list[Token] = []
    position = braces = depth = 0
    while position < len(expression):
        match = _ANY.match(expression, position)
        if match is None or match.lastgroup is None:
            raise ValueError(f"no PromQL at {expression[position:]!r}")
        text, kind, position = match.group(), match.lastgroup, match.end()
        if kind == "space":
            continue
        braces -= text == "}"
        depth -= text in (")", "]")
        found.append(Token(Kind(kind), text, match.start(), match.end(), braces, depth))
        braces += text == "{"
        depth += text in ("(", "[")
    return found


def duration(text: str) -> int:
    """Return a Prometheus duration in milliseconds."""
    units = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
    units |= {"w": 7 * units["d"], "y": 365 * units["d"]}
    return sum(int(number) * units[unit] for number, unit in _PARTS.findall(text))
