"""What the person at the terminal sees while a stack starts or stops."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


class Steps:
    """A line a component: what it waits for and for how long.

    Live lines in a terminal; elsewhere one plain line when a step is done.
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
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def begin(self, name: str, detail: str) -> None:
        self._since[name] = time.monotonic()
        self._tasks[name] = self._live.add_task(detail, total=1, name=name)

    def detail(self, name: str, text: str) -> None:
        self._live.update(self._tasks[name], description=text)

    def done(self, name: str, text: str) -> None:
        self._live.update(self._tasks[name], description=text, completed=1)
        if not self.console.is_terminal:
            seconds = time.monotonic() - self._since[name]
            self.console.print(f"{name:<14} {text} ({seconds:.1f} s)", highlight=False)

    def say(self, text: str) -> None:
        self.console.print(text, highlight=False)
