"""What the verbs of `pharos chaos` share: their group, exit codes, and how one gives up."""

import os
from typing import Annotated, NoReturn

import typer

from chaos.client import (
    ControlAwayError,
    ControlClient,
    ControlError,
    ControlRefusedError,
    UnknownNameError,
)
from deploy.access import NoAccessError, control_access
from deploy.home import Home

DONE, FAILED, WRONG, INCONCLUSIVE, REFUSED = 0, 1, 2, 3, 4
Reason = Annotated[str, typer.Option("--reason", help="Why; it is written to the audit log.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

chaos = typer.Typer(
    no_args_is_help=True, help="List, check and run drills; halt them all; what they proved."
)


def fail(words: str, code: int) -> NoReturn:
    typer.echo(f"pharos: {words}", err=True)
    raise typer.Exit(code)


def client_or_none() -> ControlClient | None:
    """Return the client of the control service; None where there is no token for it."""
    try:
        return ControlClient(control_access(Home.from_environment()))
    except NoAccessError:
        return None


def client_or_fail() -> ControlClient:
    try:
        return ControlClient(control_access(Home.from_environment()))
    except (NoAccessError, ValueError) as error:
        fail(str(error), INCONCLUSIVE)


def local_home() -> Home | None:
    """Return the home whose files belong to the control service that is spoken to."""
    return None if os.environ.get("PHAROS_URL") else Home.from_environment()


def give_up(error: ControlError) -> NoReturn:
    codes = {
        ControlRefusedError: REFUSED,
        UnknownNameError: WRONG,
        ControlAwayError: INCONCLUSIVE,
    }
    fail(str(error), codes.get(type(error), FAILED))
