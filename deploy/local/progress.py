"""What the person at the terminal sees while a stack starts or stops."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from deploy.local.interruption import leave_the_terminal


class Steps:
    """A line a component: what it waits for and for how long.

    Live lines in a terminal; elsewhere one plain line when a step is done. A terminal that was
    closed keeps nothing from being done, or undone: its SIGHUP may come after the first line fails.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self._live = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.fields[name]:<14}"),
            TextColumn("{task.description}", style="dim"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._since: dict[str, float] = {}

    def __enter__(self) -> Self:
        with _terminal_may_be_gone():
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with _terminal_may_be_gone():
            self._live.stop()

    def begin(self, name: str, detail: str) -> None:
        self._since[name] = time.monotonic()
        with _terminal_may_be_gone():
            self._tasks[name] = self._live.add_task(detail, total=1, name=name)

    def detail(self, name: str, text: str) -> None:
        self._update(name, description=text)

    def done(self, name: str, text: str) -> None:
        self._update(name, description=text, completed=1)
        if not self.console.is_terminal:
            seconds = time.monotonic() - self._since[name]
            self.say(f"{name:<14} {text} ({seconds:.1f} s)")

    def say(self, text: str) -> None:
        with _terminal_may_be_gone():
            self.console.print(text, highlight=False)

    def _update(self, name: str, **fields: Any) -> None:
        # One that was begun while the terminal went away has no line.
        if name in self._tasks:
            with _terminal_may_be_gone():
                self._live.update(self._tasks[name], **fields)


@contextmanager
def _terminal_may_be_gone() -> Iterator[None]:
    try:
        yield
    except OSError:
        leave_the_terminal()
