"""`pharos chaos schedule …`: drills that the control service starts by itself."""

from typing import Annotated, Any

import typer

from chaos.cli.room import (
    AsJson,
    Reason,
    asked,
    chaos,
    show,
)
from chaos.client import ControlClient
from chaos.schemas import Schedule, Turn

schedule = typer.Typer(
    no_args_is_help=True, help="Drills that start by themselves, on days and hours, by chance."
)
chaos.add_typer(schedule, name="schedule")

Name = Annotated[str, typer.Argument(help="The schedule's name.")]
Many = Annotated[int, typer.Option("-n", min=1, max=200, help="How many.")]
Targets = Annotated[
    list[str], typer.Option("--target", help="Opted in: what may be hit, such as api.")
]
Experiments = Annotated[
    list[str] | None, typer.Option("--experiment", help="May be chosen, by name.")
]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="May be chosen, by tag.")]
Weekdays = Annotated[str, typer.Option("--on", help="Weekdays.")]
Hours = Annotated[str, typer.Option("--hours", help="Within one day.")]
Timezone = Annotated[str, typer.Option("--timezone", help="Such as Europe/Berlin.")]
Seed = Annotated[
    str | None, typer.Option("--seed", help="Same seed, same choices; its name if not said.")
]
Mean = Annotated[
    float | None, typer.Option("--mean", help="So many a week on average; else one a day.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the next turns, keep nothing.")]


@schedule.command()
def add(  # noqa: PLR0913, PLR0917 - its parameters are the command's options
    name: Name,
    reason: Reason,
    target: Targets,
    experiment: Experiments = None,
    tag: Tags = None,
    on: Weekdays = "mon,tue,wed,thu,fri",
    hours: Hours = "09:00-15:00",
    timezone: Timezone = "UTC",
    seed: Seed = None,
    mean: Mean = None,
    dry_run: DryRun = False,
) -> None:
    """Add a schedule; takes an admin. Guards apply to each of its drills as to any other."""
    terms: dict[str, Any] = {
        "name": name,
        "reason": reason,
        "experiments": experiment or [],
        "tags": tag or [],
        "targets": target,
        "weekdays": [day.strip() for day in on.split(",")],
        "hours": hours,
        "timezone": timezone,
        "seed": seed,
        "mean_per_week": mean,
    }
    if dry_run:
        _show_turns(asked(lambda control: control.preview_schedule(terms, 10)))
    else:
        typer.echo(_described(asked(lambda control: control.add_schedule(terms))))


@schedule.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the schedules: what each chooses among, and its next turn."""
    found = asked(ControlClient.schedules)
    none = "Nothing starts by itself here: `pharos chaos schedule add` lets it."
    show(found, _described, none, as_json=as_json)


@schedule.command()
def remove(name: Name, reason: Reason) -> None:
    """Remove a schedule; takes an admin. A drill of it that runs goes on."""
    asked(lambda control: control.remove_schedule(name, reason))
    typer.echo(f"{name} starts nothing any more.")


@schedule.command("next")
def next_(many: Many = 10, as_json: AsJson = False) -> None:
    """Show what is chosen next, and when; nothing is started."""
    turns = asked(lambda control: control.turns(many))
    _show_turns(turns, as_json=as_json)


def _show_turns(turns: list[Turn], *, as_json: bool = False) -> None:
    show(turns, _turn, "Nothing is going to start by itself.", as_json=as_json)


def _turn(turn: Turn) -> str:
    chosen = turn.experiment or "nothing: none of its experiments may be chosen"
    return f"{turn.at.astimezone():%a %Y-%m-%d %H:%M:%S}  {turn.schedule:<20} {chosen}"


def _described(each: Schedule) -> str:
    pace = f"{each.mean_per_week:g} a week" if each.mean_per_week else "one a day"
    following = each.next
    upcoming = (
        f"{following.experiment or 'nothing'} at {following.at.astimezone():%a %Y-%m-%d %H:%M}"
        if following
        else "nothing"
    )
    return "\n".join(
        [
            f"{each.name}: by {each.created_by}: {each.reason}",
            f"  when      {', '.join(each.weekdays)} {each.hours} {each.timezone}, {pace}",
            f"  among     {', '.join(each.eligible) or 'nothing'}",
            f"  may hit   {', '.join(each.targets)}",
            f"  next      {upcoming}",
        ]
    )
