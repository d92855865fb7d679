"""The checks and the suite as two lanes beside each other, for a machine with two cores.

Each step is a process of its own: a crash of one kind of test leaves the others
their verdict. What needs the shared stack runs in front, with its output as it
comes; what needs none runs beside it, and is told once a step in front has ended.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from deploy.home import PROJECT
from tests.fixtures.stack import StackNotUpError, shared_stack

NO_TESTS_COLLECTED = 5

console = Console(stderr=True)


@dataclass(frozen=True)
class Step:
    """A program of this environment with its arguments."""

    name: str
    argv: tuple[str, ...]

    @property
    def command(self) -> list[str]:
        return [str(Path(sys.executable).with_name(self.argv[0])), *self.argv[1:]]


@dataclass(frozen=True)
class Ended:
    """A step that has run. `output` is empty where it was shown as it came."""

    step: Step
    code: int
    seconds: float
    output: str = ""

    @property
    def ok(self) -> bool:
        """Return whether it may pass: a kind of which nothing was selected does."""
        return self.code == 0 or (self.step.argv[0] == "pytest" and self.code == NO_TESTS_COLLECTED)

    @property
    def verdict(self) -> str:
        if self.ok:
            return "ok" if self.code == 0 else "nothing selected"
        return f"exit {self.code}"


def _pytest(name: str, selection: str, *folders: str) -> Step:
    return Step(name, ("pytest", "-m", selection, *(f"tests/{folder}" for folder in folders)))


QUICK = (
    Step("lint", ("ruff", "check", ".")),
    Step("format", ("ruff", "format", "--check", ".")),
    Step("rooms", ("lint-imports",)),
)
BESIDE = (
    Step("types", ("mypy",)),
    _pytest("unit", "not soak", "unit"),
    _pytest("servers of their own", "not soak and not stack", "contract", "integration"),
)
IN_FRONT = (
    _pytest("shared stack", "not soak and stack", "contract", "integration"),
    _pytest("e2e", "not soak", "e2e"),
)


def show(step: Step, environment: Mapping[str, str] | None = None) -> Ended:
    """Run a step with its output as it comes."""
    console.rule(step.name)
    started = time.monotonic()
    code = subprocess.run(step.command, cwd=PROJECT, env=environment, check=False).returncode
    return _tell(Ended(step, code, time.monotonic() - started))


def _tell(ended: Ended) -> Ended:
    if ended.output:
        console.rule(ended.step.name)
        print(ended.output, end="", flush=True)  # noqa: T201  a step's own output, as it is
    console.print(f"{ended.step.name}: {ended.verdict}, {ended.seconds:.0f} s")
    return ended


def _keep(step: Step) -> Ended:
    started = time.monotonic()
    ran = subprocess.run(
        step.command,
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Ended(step, ran.returncode, time.monotonic() - started, ran.stdout)


def whole_suite() -> list[str]:
    """Run everything; return the names of what failed."""
    ended = [show(step) for step in QUICK]
    with ThreadPoolExecutor(1) as lane:
        beside = [lane.submit(_keep, step) for step in BESIDE]
        try:
            ended += _in_front(beside)
        except StackNotUpError as error:
            console.print(str(error))
            return [*_failed([*ended, *_rest(beside)]), "the shared stack"]
        ended += _rest(beside)
    return _failed(ended)


def _in_front(beside: list[Future[Ended]]) -> list[Ended]:
    ended = []
    with shared_stack() as stack:
        place = {
            "PHAROS_TEST_HOME": str(stack.home.root),
            "PHAROS_PORT_BASE": str(stack.home.ports.base),
        }
        for step in IN_FRONT:
            ended.append(show(step, os.environ | place))
            while beside and beside[0].done():
                ended.append(_tell(beside.pop(0).result()))
    return ended


def _rest(beside: Iterable[Future[Ended]]) -> list[Ended]:
    return [_tell(future.result()) for future in beside]


def _failed(ended: Iterable[Ended]) -> list[str]:
    return [each.step.name for each in ended if not each.ok]
