"""The checks and the suite as lanes beside each other: a test waits more than it computes.

Each step is a process of its own: a crash of one kind of test leaves the others
their verdict. One lane runs in front, with its output as it comes, on a stack that
its steps share; the lanes beside it are told of once a step in front has ended.
Each lane is about as long as the others.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from deploy.home import PROJECT
from tests.fixtures.running import RunningStack
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
APART = "not soak and not stack"
_FAULTS = ("integration/deploy_faults", "integration/faultproxy")
_DRILLS = ("integration/chaos",)
_TRAFFIC = ("integration/traffic",)
_INTEGRATION = (
    f"integration/{folder.name}"
    for folder in sorted((PROJECT / "tests/integration").iterdir())
    if any(folder.glob("test_*.py"))
)
_OTHERS = tuple(folder for folder in _INTEGRATION if folder not in {*_FAULTS, *_DRILLS, *_TRAFFIC})

IN_FRONT = (
    _pytest("shared stack", "not soak and stack", "contract", "integration"),
    _pytest("e2e: product and signals", "not soak", "e2e/product", "e2e/signals"),
    _pytest("contract and traffic, without the stack", APART, "contract", *_TRAFFIC),
)
BESIDE: tuple[tuple[Step, ...], ...] = (
    (
        _pytest("servers of their own", APART, *_OTHERS),
        _pytest("drills", APART, *_DRILLS),
    ),
    (
        Step("types", ("mypy",)),
        _pytest("unit", "not soak", "unit"),
        _pytest("faults", APART, *_FAULTS),
        _pytest("e2e: console, on a stack of its own", "not soak", "e2e/console"),
    ),
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
    with ExitStack() as lanes:
        beside = _Beside(lanes)
        try:
            with shared_stack() as stack:
                for step in IN_FRONT:
                    ended.append(show(step, _lent(stack)))
                    ended += beside.told()
        except StackNotUpError as error:
            console.print(str(error))
            return [*_failed([*ended, *beside.rest()]), "the shared stack"]
        ended += beside.rest()
    return _failed(ended)


class _Beside:
    """The lanes that run beside the one in front; each runs its steps one after the other."""

    def __init__(self, lanes: ExitStack) -> None:
        self._running: list[Future[Ended]] = []
        for steps in BESIDE:
            lane = lanes.enter_context(ThreadPoolExecutor(1))
            self._running += [lane.submit(_keep, step) for step in steps]

    def told(self) -> list[Ended]:
        """Tell of what has ended by now, and return it."""
        return list(self._take([future for future in self._running if future.done()]))

    def rest(self) -> list[Ended]:
        """Wait for all that is left, and tell of it."""
        return list(self._take(list(self._running)))

    def _take(self, futures: list[Future[Ended]]) -> Iterator[Ended]:
        for future in futures:
            self._running.remove(future)
            yield _tell(future.result())


def _lent(stack: RunningStack) -> Mapping[str, str]:
    """Return the environment in which a step's tests find the stack that is up already."""
    place = {
        "PHAROS_TEST_HOME": str(stack.home.root),
        "PHAROS_PORT_BASE": str(stack.home.ports.base),
    }
    return os.environ | place


def _failed(ended: list[Ended]) -> list[str]:
    return [each.step.name for each in ended if not each.ok]
