"""`pharos chaos list|run|history`: asks the control service."""

from typing import Annotated, NoReturn

import typer

from chaos.cli.room import (
    DONE,
    FAILED,
    INCONCLUSIVE,
    AsJson,
    Name,
    Profile,
    Reason,
    asked,
    chaos,
    client_or_fail,
    client_or_none,
    fail,
    give_up,
    local_home,
    show,
)
from chaos.client import ControlAwayError, ControlError
from chaos.runner.experiments import load_all
from chaos.runner.following import INTERRUPTED, Following, LostSightError
from chaos.schemas import Drill, Experiment, JournalEntry, Verdict

EXIT_CODES = {Verdict.PASSED: DONE, Verdict.FAILED: FAILED, Verdict.INCONCLUSIVE: INCONCLUSIVE}


@chaos.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the experiments: what each expects, does and may hit."""
    show(_experiments(), _described, "There is no experiment here.", as_json=as_json)


@chaos.command()
def run(
    name: Name,
    reason: Reason,
    profile: Profile = "standard",
    wait: Annotated[bool, typer.Option(help="Follow it to its verdict.")] = True,
    as_json: AsJson = False,
) -> None:
    """Run a drill. Exit code: 0 passed, 1 failed, 3 inconclusive, 4 refused by a guard."""
    client = client_or_fail()
    drill = asked(lambda control: control.start(name, reason, profile), client)
    if not wait:
        typer.echo(drill.model_dump_json() if as_json else drill.run)
        return
    if not as_json:
        typer.echo(f"Drill {drill.run}. Ctrl-C leaves it running; `pharos chaos halt` ends it.")
    _conclude(follow(Following(drill.run, client, local_home()), quiet=as_json), as_json=as_json)


@chaos.command()
def history(
    limit: Annotated[int, typer.Option("-n", min=1, max=200, help="How many, newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the drills that were run, newest first: when, which, by whom, why, how it ended."""
    drills = asked(lambda control: control.drills(limit))
    none = "No drill has been run here yet: `pharos chaos list` names them."
    show(drills, _summed_up, none, as_json=as_json)


def _experiments() -> list[Experiment]:
    """Ask the service, which may know others than this clone; its own when nobody answers."""
    client = client_or_none()
    try:
        if client is not None:
            return client.experiments()
    except ControlAwayError:
        typer.echo("The control service does not answer; this clone has:", err=True)
    except ControlError as error:
        give_up(error)
    return [plan.experiment for plan in load_all()]


def _described(experiment: Experiment) -> str:
    lines = [
        f"{experiment.name}: {experiment.title}",
        f"  expects   {'; '.join(experiment.hypothesis)}",
        f"  does      {experiment.action[0]}",
        f"  may hit   {experiment.blast_radius}",
        f"  undo      {experiment.rollback}",
        *(f"  needs     `pharos up --with {each}`" for each in experiment.needs),
        *(f"  signal    {signal}" for signal in experiment.signals),
    ]
    return "\n".join(lines)


def _summed_up(drill: Drill) -> str:
    ended = drill.verdict.verdict if drill.verdict else drill.state
    when = f"{drill.started_at.astimezone():%Y-%m-%d %H:%M:%S}"
    what = f"{drill.experiment:<16} {ended:<13} {drill.actor}: {drill.reason}"
    return f"{when}  {drill.run}  {what}"


def follow(following: Following, *, quiet: bool) -> Following:
    """Follow a drill to its end, and tell it line by line unless `quiet`."""
    try:
        for entry in following.entries():
            if not quiet:
                typer.echo(_line(entry))
    except LostSightError as error:
        fail(str(error), INCONCLUSIVE)
    except ControlError as error:
        give_up(error)
    return following


def _line(entry: JournalEntry) -> str:
    return f"{entry.at.astimezone():%H:%M:%S}  {entry.kind:<16} {entry.message}"


def _conclude(following: Following, *, as_json: bool) -> NoReturn:
    verdict = following.verdict
    if verdict is None:
        died = following.state == INTERRUPTED
        why = "its runner died: the journal ends here" if died else "it left no verdict"
        fail(f"drill {following.run} is inconclusive: {why}", INCONCLUSIVE)
    if as_json:
        typer.echo(verdict.model_dump_json(indent=2))
    raise typer.Exit(EXIT_CODES[verdict.verdict])
