"""What the verbs of `pharos chaos` share: their group, exit codes, and how one gives up."""

import os
from collections.abc import Callable, Sequence
from typing import Annotated, NoReturn, TypeVar

import typer
from pydantic import BaseModel

from chaos.client import (
    ControlAwayError,
    ControlClient,
    ControlError,
    ControlRefusedError,
    UnknownNameError,
)
from chaos.guard_schemas import GuardAnswer
from chaos.schemas import GuardProfile
from deploy.access import NoAccessError, control_access
from deploy.home import Home

Answer = TypeVar("Answer")
Row = TypeVar("Row", bound=BaseModel)

DONE, FAILED, WRONG, INCONCLUSIVE, REFUSED = 0, 1, 2, 3, 4
Name = Annotated[str, typer.Argument(help="The experiment: see `pharos chaos list`.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is written to the audit log.")]
Profile = Annotated[
    GuardProfile,
    typer.Option("--profile", help="The guards to pass; game-day takes the right admin."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

chaos = typer.Typer(
    no_args_is_help=True, help="List, check and run drills; halt them all; what they proved."
)


def fail(words: str, code: int) -> NoReturn:
    typer.echo(f"pharos: {words}", err=True)
    raise typer.Exit(code)


def give_up(error: ControlError) -> NoReturn:
    """End with the error's words and its exit code; guards that refuse have a line each."""
    codes = {
        ControlRefusedError: REFUSED,
        UnknownNameError: WRONG,
        ControlAwayError: INCONCLUSIVE,
    }
    words = str(error)
    if isinstance(error, ControlRefusedError) and error.guards:
        words = f"refused, nothing was started:\n{told(error.guards)}"
    fail(words, codes.get(type(error), FAILED))


def told(guards: Sequence[GuardAnswer]) -> str:
    """Return a line for each answer, and one for what to do about it."""
    lines = []
    for each in guards:
        lines.append(f"{each.answer:<8} {each.guard:<14} {each.reason}")
        if each.remedy:
            lines.append(f"{'':<8} {'':<14} {each.remedy}")
    return "\n".join(lines)


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


def asked(
    question: Callable[[ControlClient], Answer], client: ControlClient | None = None
) -> Answer:
    """Return what the control service answers, or give up with its words."""
    try:
        return question(client or client_or_fail())
    except ControlError as error:
        give_up(error)


def show(rows: Sequence[Row], words: Callable[[Row], str], none: str, *, as_json: bool) -> None:
    """Print a line each, and `none` where there is none; or all as one JSON list."""
    if as_json:
        typer.echo(f"[{','.join(each.model_dump_json(by_alias=True) for each in rows)}]")
        return
    for each in rows:
        typer.echo(words(each))
    if not rows:
        typer.echo(none)


def local_home() -> Home | None:
    """Return the home whose files belong to the control service that is spoken to."""
    return None if os.environ.get("PHAROS_URL") else Home.from_environment()
