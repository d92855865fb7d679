"""Starting components and waiting until each is healthy."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from deploy.home import Home
from deploy.local.component import Component, Health
from deploy.local.holds import held_seconds
from deploy.local.layout import StackError
from deploy.local.logs import last_lines
from deploy.local.progress import Steps
from deploy.local.specs import read_record, write_spec
from deploy.local.supervisor import Supervisor

POLL = 0.15
LAUNCHER = "launch: "
# By then a crashing component had every chance that the back-off gives in ten seconds.
HOPELESS_AFTER = 5
WORKERS = 8


class NotHealthyError(StackError):
    """A component did not come up; `component` names it.

    `ran_before` is True when it was not this command that started it.
    """

    def __init__(self, component: Component, why: str) -> None:
        remedy = component.remedy or f"`pharos logs {component.name}` shows why"
        super().__init__(
            f"{component.name} did not come up: {why}.{_last_words(component.log)} "
            f"Its log: {component.log}; {remedy}"
        )
        self.component = component.name
        self.ran_before = False


def _last_words(log: Path) -> str:
    """Return the log's last line, where there is one: often it is the reason."""
    if not log.exists():
        return ""
    words = [line.strip() for line in last_lines(log, 20) if line.strip()]
    own = [line for line in words if not line.startswith(LAUNCHER)]
    return f" It last said: {own[-1]}." if own else ""


def launch(home: Home, supervisor: Supervisor, component: Component, rank: int) -> None:
    """Prepare a component and hand it to the supervisor; returns before it is healthy."""
    component.prepare()
    component.log.parent.mkdir(parents=True, exist_ok=True)
    write_spec(home, component, rank)
    supervisor.add(component.name)


@contextmanager
def _checks() -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="health")
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def wait_healthy(home: Home, components: Sequence[Component], steps: Steps) -> None:
    """Wait for these components side by side, each within its own start time.

    Raises:
        NotHealthyError: one was not healthy in time, or keeps crashing.
    """
    began = time.monotonic()
    pending = list(components)
    with _checks() as pool:
        while pending:
            answers = list(pool.map(lambda part: part.health(), pending))
            for part, health in zip(tuple(pending), answers, strict=True):
                if health.ok:
                    steps.done(part.name, f"ready{_version(health)}")
                    pending.remove(part)
                    continue
                steps.detail(part.name, health.detail)
                _give_up_if_hopeless(home, part, health, time.monotonic() - began)
            if pending:
                time.sleep(POLL)


def _version(health: Health) -> str:
    return f", {health.version}" if health.version else ""


def _give_up_if_hopeless(home: Home, part: Component, health: Health, seconds: float) -> None:
    record = read_record(home, part.name)
    if record and record.short_runs >= HOPELESS_AFTER:
        raise NotHealthyError(
            part, f"it ended {record.short_runs} times in a row ({health.detail})"
        )
    if seconds > part.start_timeout:
        why = _held(home, part.name) or f"not healthy after {seconds:.0f} s"
        raise NotHealthyError(part, f"{why} ({health.detail})")


def _held(home: Home, name: str) -> str:
    """Say that a fault keeps a component from starting; empty when none does."""
    held = held_seconds(home, name)
    return f"a fault holds it down, for {held:.0f} s more unless it is taken back" if held else ""
