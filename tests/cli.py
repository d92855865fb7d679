"""`pharos test`: the checks and the suite, with whatever they lack installed first."""

from typing import Annotated

import typer

from tests.bench.command import bench
from tests.lanes import Step, console, show, whole_suite

app = typer.Typer(no_args_is_help=True)
app.add_typer(bench, name="bench")


@app.callback()
def tests() -> None:
    """The tests room."""


@app.command(
    "test",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def run_tests(
    context: typer.Context,
    soak: Annotated[bool, typer.Option(help="Run the long tests, and only those.")] = False,
) -> None:
    """Run lint, types, room contracts and the whole suite.

    Further arguments go to pytest, and then pytest alone runs:
    `pharos test tests/unit -k outbox`.
    """
    if context.args or soak:
        alone = Step("pytest", ("pytest", "-m", "soak" if soak else "not soak", *context.args))
        raise typer.Exit(0 if show(alone).code == 0 else 1)
    if failed := whole_suite():
        console.print(f"failed: {', '.join(failed)}")
        raise typer.Exit(1)
