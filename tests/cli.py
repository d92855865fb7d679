"""`pharos test`: the checks and the suite, with whatever they lack installed first."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.home import PROJECT, Home
from tests.bench.reads import measure

app = typer.Typer(no_args_is_help=True)
console = Console(stderr=True)

CHECKS = {
    "lint": ("ruff", "check", "."),
    "format": ("ruff", "format", "--check", "."),
    "types": ("mypy",),
    "rooms": ("lint-imports",),
}


@app.callback()
def tests() -> None:
    """The tests room."""


def _run(name: str, argv: tuple[str, ...]) -> bool:
    console.rule(name)
    started = time.monotonic()
    program = Path(sys.executable).with_name(argv[0])
    code = subprocess.run([program, *argv[1:]], cwd=PROJECT, check=False).returncode
    seconds = time.monotonic() - started
    console.print(f"{name}: {'ok' if code == 0 else f'exit {code}'}, {seconds:.0f} s")
    return code == 0


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
    steps = {} if context.args or soak else dict(CHECKS)
    steps["pytest"] = ("pytest", "-m", "soak" if soak else "not soak", *context.args)
    failed = [name for name, argv in steps.items() if not _run(name, argv)]
    if failed:
        console.print(f"failed: {', '.join(failed)}")
    raise typer.Exit(1 if failed else 0)


@app.command("bench")
def bench() -> None:
    """Measure reads of the running stack against a peer in the same run."""
    table = Table("what", "requests/s", "of the peer's")
    for row in asyncio.run(measure(Home.from_environment())):
        table.add_row(row.name, f"{row.rate:,.0f}", f"{row.ratio:.2f}")
    Console().print(table)
