"""`pharos chaos guards|freeze`: what keeps a drill from starting, and times in which none does."""

from typing import Annotated

import typer

from chaos.cli.room import (
    DONE,
    REFUSED,
    AsJson,
    Name,
    Profile,
    Reason,
    chaos,
    client_or_fail,
    give_up,
    told,
)
from chaos.client import ControlError
from chaos.guard_schemas import Freeze

freeze = typer.Typer(no_args_is_help=True, help="Times in which no drill starts.")
chaos.add_typer(freeze, name="freeze")

Window = Annotated[str, typer.Argument(metavar="NAME", help="The window's name: a-z, 0-9 and -.")]
Timezone = Annotated[str, typer.Option(help="Whose clocks, such as Europe/Berlin.")]
Hours = Annotated[str | None, typer.Option(help="Each week: two times of day, as 18:00-24:00.")]
Weekdays = Annotated[
    str, typer.Option(help="The days on which the hours begin, as fri,sat; every day without.")
]
From = Annotated[str | None, typer.Option("--from", help="Once: a moment, as 2026-12-24T00:00.")]
To = Annotated[str | None, typer.Option("--to", help="Once: the moment of its end.")]


@chaos.command()
def guards(name: Name, profile: Profile = "standard", as_json: AsJson = False) -> None:
    """Show what each guard says of a drill now; start nothing. Exit code 4: one refuses."""
    try:
        said = client_or_fail().guards(name, profile)
    except ControlError as error:
        give_up(error)
    typer.echo(said.model_dump_json(indent=2) if as_json else told(said.guards))
    raise typer.Exit(DONE if said.allowed else REFUSED)


@freeze.command("add")
def add(  # noqa: PLR0913, PLR0917 (each is an option of the command)
    name: Window,
    reason: Reason,
    hours: Hours = None,
    weekdays: Weekdays = "",
    from_: From = None,
    to: To = None,
    timezone: Timezone = "UTC",
) -> None:
    """Let no drill start each week in some hours, or once from a moment to another."""
    asked = {
        "name": name,
        "reason": reason,
        "timezone": timezone,
        "weekdays": [day.strip() for day in weekdays.split(",") if day.strip()],
        "hours": hours,
        "from": from_,
        "to": to,
    }
    try:
        typer.echo(_described(client_or_fail().freeze(asked)))
    except ControlError as error:
        give_up(error)


@freeze.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the windows; those that hold now say until when."""
    try:
        windows = client_or_fail().freezes()
    except ControlError as error:
        give_up(error)
    if as_json:
        typer.echo(f"[{','.join(each.model_dump_json(by_alias=True) for each in windows)}]")
        return
    for each in windows:
        typer.echo(_described(each))
    if not windows:
        typer.echo("There is no freeze window: drills may start at any time.")


@freeze.command("remove")
def remove(name: Window, reason: Reason) -> None:
    """Let drills start in that time again."""
    try:
        client_or_fail().unfreeze(name, reason)
    except ControlError as error:
        give_up(error)
    typer.echo(f"The freeze window {name} is gone.")


def _described(window: Freeze) -> str:
    if window.begins and window.ends:
        when = f"{window.begins:%Y-%m-%d %H:%M} to {window.ends:%Y-%m-%d %H:%M}"
    else:
        when = f"{' '.join(window.weekdays) or 'daily'} {window.hours}"
    until = window.holds_until
    now = f"holds until {until:%Y-%m-%d %H:%M}" if until else "does not hold now"
    return f"{window.name:<16} {when} {window.timezone}  {now}  {window.reason}"
