"""The bar that a person watches during a run; silent where nobody does."""

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from chaos.traffic.summary import milliseconds
from chaos.traffic.tally import Tally


class RunProgress:
    """A line on stderr: how far, how fast, what failed, how slow."""

    def __init__(self, title: str, seconds: float, tally: Tally, *, shown: bool = True) -> None:
        self._tally, self._shown = tally, shown
        console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[figures]}"),
            console=console,
            transient=True,
            disable=not (shown and console.is_terminal),
        )
        self._task = self._bar.add_task(title, total=seconds, figures="")

    def __enter__(self) -> "RunProgress":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def note(self, text: str) -> None:
        """Print one line above the bar, or alone where there is none."""
        if self._shown:
            self._bar.console.print(text, highlight=False)

    def update(self, elapsed: float) -> None:
        """Show the tally, `elapsed` seconds into the run."""
        p99 = milliseconds(self._tally, 0.99)
        figures = f"{self._tally.rate:,.0f}/s · {self._tally.failed:,} failed"
        if p99 is not None:
            figures += f" · p99 {p99:,.0f} ms"
        self._bar.update(self._task, completed=elapsed, figures=figures)
