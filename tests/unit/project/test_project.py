"""What holds for every file of the project."""

import ast
import re
from pathlib import Path

import pytest

from deploy.home import PROJECT

ROOMS = ("backend", "console", "dashboards", "alerts", "chaos", "deploy", "tests")
SOURCES = sorted(path for room in ROOMS for path in (PROJECT / room).rglob("*.py"))
PRODUCT = [path for path in SOURCES if path.relative_to(PROJECT).parts[0] != "tests"]
LOCKS = sorted(PROJECT.rglob("requirements*.lock"))
LOCKS = [path for path in LOCKS if ".venv" not in path.parts]

# The places outside deploy/ that start a process: a drill's runner, and what stands for one.
START_A_DRILL = frozenset({"console/control/drill_process.py", "chaos/rehearsal/sending.py"})
PROCESS_CALLS = {
    "os.kill",
    "os.killpg",
    "os.fork",
    "os.execv",
    "os.execve",
    "os.execvp",
    "os.execvpe",
}


def _name(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def _functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_file_stays_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_function_stays_small(path: Path) -> None:
    for function in _functions(ast.parse(path.read_text())):
        assert (function.end_lineno or 0) - function.lineno < 40, function.name


@pytest.mark.parametrize("path", PRODUCT, ids=_name)
def test_only_deploy_touches_processes(path: Path) -> None:
    if path.relative_to(PROJECT).parts[0] == "deploy" or _name(path) in START_A_DRILL:
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            assert "subprocess" not in [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            assert node.module != "subprocess"
        if isinstance(node, ast.Attribute):
            assert ast.unparse(node) not in PROCESS_CALLS


def test_no_code_lives_outside_the_rooms() -> None:
    outside = [
        path
        for path in PROJECT.glob("*/**/*.py")
        if path.relative_to(PROJECT).parts[0] not in ROOMS
        and not path.relative_to(PROJECT).parts[0].startswith(".")
    ]
    assert outside == []


@pytest.mark.parametrize("lock", LOCKS, ids=_name)
def test_a_lock_pins_by_hash_and_names_no_host(lock: Path) -> None:
    text = lock.read_text()
    pinned = [
        line for line in text.splitlines() if "==" in line and not line.startswith((" ", "#"))
    ]
    assert pinned
    assert all(line.endswith("\\") for line in pinned)
    assert not re.search(r"https?://|--index-url|--find-links", text)


def test_each_dependency_carries_its_reason() -> None:
    text = (PROJECT / "pyproject.toml").read_text()
    listed = [*re.findall(r"^dependencies = \[$(.*?)^\]$", text, re.M | re.S)]
    listed += re.findall(r"^dev = \[$(.*?)^\]$", text, re.M | re.S)
    lines = [line for block in listed for line in block.strip().splitlines()]
    assert len(lines) > 20
    assert [line for line in lines if "#" not in line] == []


def test_nothing_is_left_for_later() -> None:
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    assert [_name(path) for path in SOURCES if marks.search(path.read_text())] == []
