"""The verbs of this room: up, down, status, logs, doctor, open."""

import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Annotated, ParamSpec, TypeVar

import typer
from rich.console import Console

from deploy.home import Home
from deploy.local import printing
from deploy.local.acquire import AcquireError
from deploy.local.component import PreparationError
from deploy.local.doctor import Level, examine
from deploy.local.down import down as stop_stack
from deploy.local.extras import UnknownExtraError, offered
from deploy.local.interruption import interruptible
from deploy.local.layout import StackError
from deploy.local.links import show_in_browser, sign_in
from deploy.local.logs import Follower, Line, UnknownComponentError, log_files, render, tail
from deploy.local.logsearch import ShowOrSearch, search
from deploy.local.parts import REAL
from deploy.local.progress import Steps
from deploy.local.starting import NotHealthyError
from deploy.local.status import once_ready, status_now
from deploy.local.up import up as start_stack
from deploy.logstore import LogStoreError, QueryError
from deploy.ports import MAX_REPLICAS

FAILED = 1
WRONG_USAGE = 2
NOT_READY = 3
FOREIGN = "run as the user who started the stack, or set PHAROS_HOME to one of your own"

app = typer.Typer(no_args_is_help=True, add_completion=False)
P = ParamSpec("P")
T = TypeVar("T")


def _plain_failures(command: Callable[P, T]) -> Callable[P, T]:
    """Turn what a person can act on into one line on stderr."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except (UnknownComponentError, UnknownExtraError, QueryError) as error:
            typer.echo(f"pharos: {error}", err=True)
            raise typer.Exit(WRONG_USAGE) from error
        except (StackError, AcquireError, PreparationError) as error:
            typer.echo(f"pharos: {error}", err=True)
            waits = isinstance(error, NotHealthyError) and error.ran_before
            raise typer.Exit(NOT_READY if waits else FAILED) from error
        except LogStoreError as error:
            typer.echo(f"pharos: {error}", err=True)
            raise typer.Exit(NOT_READY) from error
        except PermissionError as error:
            typer.echo(
                f"pharos: {error.filename} is not yours to read or write: {FOREIGN}", err=True
            )
            raise typer.Exit(FAILED) from error
        except KeyboardInterrupt:
            typer.echo("pharos: interrupted", err=True)
            raise typer.Exit(FAILED) from None

    return run


@app.command("up")
@_plain_failures
def up(
    replicas: Annotated[
        int | None,
        typer.Option(min=1, max=MAX_REPLICAS, help="Api replicas; a fresh stack has 2."),
    ] = None,
    with_: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="EXTRA", help=f"Further: {offered()}."),
    ] = None,
) -> None:
    """Start the stack, or what is missing of it."""
    interruptible()
    home = Home.from_environment()
    with Steps(Console(stderr=True)) as steps:
        outcome = start_stack(home, steps, replicas=replicas, extras=with_ or ())
    printing.outcome_of_up(outcome)
    status = once_ready(lambda: status_now(home, REAL))
    printing.links(home, status.urls, sign_in(home))
    if not status.ready:
        typer.echo(f"pharos: not ready: {printing.unready(status)}; see `pharos status`", err=True)
        raise typer.Exit(NOT_READY)


@app.command("down")
@_plain_failures
def down(
    wipe: Annotated[bool, typer.Option(help="Remove data, logs, keys and runs, too.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Stop the whole stack; data stays unless --wipe."""
    home = Home.from_environment()
    if wipe and not yes and sys.stdin.isatty():
        typer.confirm(f"Remove all data, logs and keys below {home.root}?", abort=True)
    printing.outcome_of_down(stop_stack(home, typer.echo, wipe=wipe), home.root)


@app.command("status")
@_plain_failures
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what runs, where, and how it is. Exit code 3 while a part is not ready."""
    found = status_now(Home.from_environment(), REAL)
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    else:
        printing.status_table(found)
    if not found.ready:
        raise typer.Exit(NOT_READY)


logs_app = typer.Typer(cls=ShowOrSearch)
app.add_typer(logs_app, name="logs", help="Print, follow or search the components' logs.")
logs_app.command("search")(_plain_failures(search))


@logs_app.command("show")
@_plain_failures
def logs(
    component: Annotated[str | None, typer.Argument(help="One component; all without it.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines come.")] = False,
    number: Annotated[int, typer.Option("-n", min=0, help="Last lines of each file.")] = 20,
    raw: Annotated[bool, typer.Option(help="Print the lines as they were written.")] = False,
) -> None:
    """Print or follow the components' logs; what `pharos logs COMPONENT` does."""
    files = log_files(Home.from_environment(), component)
    if raw:
        # What stands beside a log that we write ourselves is no log line.
        logged = {name for name, path in files if path.suffix == ".log"}
        files = [one for one in files if one[1].suffix == ".log" or one[0] not in logged]
    follower = Follower(files) if follow else None

    def show(line: Line) -> None:
        typer.echo(line.text if raw else render(line))

    # Ctrl-C is how reading ends.
    with suppress(KeyboardInterrupt):
        for line in tail(files, number):
            show(line)
        if follower:
            for line in follower.lines():
                show(line)


@app.command("doctor")
@_plain_failures
def doctor() -> None:
    """Check this machine and say what to do. Exit code 1 when something is in the way."""
    worst = Level.OK
    for finding in examine(Home.from_environment()):
        printing.finding(finding)
        if finding.level is Level.FAIL:
            worst = Level.FAIL
    if worst is Level.FAIL:
        raise typer.Exit(FAILED)


@app.command("open")
@_plain_failures
def open_links() -> None:
    """Print the links, with a one-time sign-in for the console."""
    home = Home.from_environment()
    link = sign_in(home)
    printing.links(home, status_now(home, REAL).urls, link)
    if link.url and sys.stdout.isatty():
        show_in_browser(link.url)
    if link.url is None:
        raise typer.Exit(NOT_READY)
