"""The table of log fields: closed over what the code writes and what Envoy is told to."""

import ast
from pathlib import Path

import pytest

from backend.observability.fields import BY_NAME, FIELDS
from deploy.envoy.access_log import LINE, NAMELESS
from deploy.home import PROJECT

ROOMS = ("backend", "console", "chaos", "deploy")
SOURCES = [path for room in ROOMS for path in (PROJECT / room).rglob("*.py")]


def _named_in_extra(source: str) -> set[str]:
    """Return the keys of each literal `extra={…}` that is given to a logger."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    given = [
        keyword.value
        for call in calls
        if ast.unparse(call.func).split(".")[0] in {"log", "logger"}
        for keyword in call.keywords
        if keyword.arg == "extra" and isinstance(keyword.value, ast.Dict)
    ]
    return {ast.literal_eval(key) for literal in given for key in literal.keys if key}


def test_every_name_is_declared_once() -> None:
    assert len(BY_NAME) == len(FIELDS)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_a_line_names_only_declared_fields(path: Path) -> None:
    assert _named_in_extra(path.read_text()) <= BY_NAME.keys()


def test_the_gateway_names_only_declared_fields() -> None:
    assert {*LINE, *NAMELESS} <= BY_NAME.keys()


def test_the_keys_of_a_line_are_found_in_the_code() -> None:
    assert _named_in_extra('logger.info("x", extra={"a.b": 1})') == {"a.b"}
