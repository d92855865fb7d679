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
    asked,
    chaos,
    show,
    told,
)
from chaos.client import ControlClient
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
    said = asked(lambda control: control.guards(name, profile))
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
    wanted = {
        "name": name,
        "reason": reason,
        "timezone": timezone,
        "weekdays": [day.strip() for day in weekdays.split(",") if day.strip()],
        "hours": hours,
        "from": from_,
        "to": to,
    }
    typer.echo(_described(asked(lambda control: control.freeze(wanted))))


@freeze.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the windows; those that hold now say until when."""
    windows = asked(ControlClient.freezes)
    none = "There is no freeze window: drills may start at any time."
    show(windows, _described, none, as_json=as_json)


@freeze.command("remove")
def remove(name: Window, reason: Reason) -> None:
    """Let drills start in that time again."""
    asked(lambda control: control.unfreeze(name, reason))
    typer.echo(f"The freeze window {name} is gone.")


def _described(window: Freeze) -> str:
    if window.begins and window.ends:
        when = f"{window.begins:%Y-%m-%d %H:%M} to {window.ends:%Y-%m-%d %H:%M}"
    else:
        when = f"{' '.join(window.weekdays) or 'daily'} {window.hours}"
    until = window.holds_until
    now = f"holds until {until:%Y-%m-%d %H:%M}" if until else "does not hold now"
    return f"{window.name:<16} {when} {window.timezone}  {now}  {window.reason}"
