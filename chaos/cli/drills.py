"""`pharos chaos list|run|history|halt|rearm`: asks the control service; halts without it."""

import getpass
import os
from typing import Annotated, NoReturn

import typer

from chaos.cli.room import (
    DONE,
    FAILED,
    INCONCLUSIVE,
    REFUSED,
    WRONG,
    AsJson,
    chaos,
    client_or_none,
    fail,
)
from chaos.client import (
    ControlAwayError,
    ControlClient,
    ControlError,
    ControlRefusedError,
    UnknownNameError,
)
from chaos.runner.experiments import load_all
from chaos.runner.following import INTERRUPTED, Following, LostSightError
from chaos.runner.guards import running_drill
from chaos.runner.halt import throw_halt
from chaos.schemas import (
    Drill,
    DrillVerdict,
    Experiment,
    GuardProfile,
    Halt,
    Halted,
    JournalEntry,
    Verdict,
)
from deploy.access import NoAccessError, control_access
from deploy.home import Home

EXIT_CODES = {Verdict.PASSED: DONE, Verdict.FAILED: FAILED, Verdict.INCONCLUSIVE: INCONCLUSIVE}
HALT_PATIENCE = 60.0

Reason = Annotated[str, typer.Option("--reason", help="Why; it is written to the audit log.")]
Profile = Annotated[
    GuardProfile,
    typer.Option("--profile", help="The guards to pass; game-day takes the right admin."),
]


@chaos.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the experiments: what each expects, does and may hit."""
    experiments = _experiments()
    if as_json:
        typer.echo(f"[{','.join(each.model_dump_json() for each in experiments)}]")
        return
    for each in experiments:
        typer.echo(_described(each))


@chaos.command()
def run(
    name: Annotated[str, typer.Argument(help="The experiment: see `pharos chaos list`.")],
    reason: Reason,
    profile: Profile = "standard",
    wait: Annotated[bool, typer.Option(help="Follow it to its verdict.")] = True,
    as_json: AsJson = False,
) -> None:
    """Run a drill. Exit code: 0 passed, 1 failed, 3 inconclusive, 4 refused by a guard."""
    client = _client()
    try:
        drill = client.start(name, reason, profile)
    except ControlError as error:
        _give_up(error)
    if not wait:
        typer.echo(drill.model_dump_json() if as_json else drill.run)
        return
    if not as_json:
        typer.echo(f"Drill {drill.run}. Ctrl-C leaves it running; `pharos chaos halt` ends it.")
    _conclude(_follow(Following(drill.run, client, _local_home()), quiet=as_json), as_json=as_json)


@chaos.command()
def history(
    limit: Annotated[int, typer.Option("-n", min=1, max=200, help="How many, newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the drills that were run, newest first: when, which, by whom, why, how it ended."""
    try:
        drills = _client().drills(limit)
    except ControlError as error:
        _give_up(error)
    if as_json:
        typer.echo(f"[{','.join(each.model_dump_json() for each in drills)}]")
        return
    for each in drills:
        typer.echo(_summed_up(each))
    if not drills:
        typer.echo("No drill has been run here yet: `pharos chaos list` names them.")


@chaos.command()
def halt(
    reason: Annotated[str, typer.Option("--reason", help="Why.")] = "halted by hand",
    as_json: AsJson = False,
) -> None:
    """Halt every drill and let none start; works with the control service dead."""
    home, client = _local_home(), client_or_none()
    running = _running(home, client)
    halted, how = _throw(home, client, reason)
    typer.echo(f"Halted by {halted.by}: {halted.reason}{how}", err=as_json)
    if not running:
        typer.echo("No drill was running.", err=as_json)
    verdicts: dict[str, DrillVerdict | None] = {}
    for drill in running:
        # Its folder is the shorter way to it, and the only one when the service is dead.
        following = Following(drill, None if home else client, home, HALT_PATIENCE)
        verdicts[drill] = verdict = _follow(following, quiet=True).verdict
        ended = f"{verdict.verdict}: {verdict.reason}" if verdict else "interrupted, no verdict"
        typer.echo(f"Drill {drill} ended. {ended}", err=as_json)
    if as_json:
        typer.echo(Halted(halt=halted, drills=verdicts).model_dump_json(indent=2))


@chaos.command()
def rearm(reason: Reason) -> None:
    """Let drills run again; needs the control service, which writes down who did."""
    try:
        _client().rearm(reason)
    except ControlError as error:
        _give_up(error)
    typer.echo("Drills may run again.")


def _experiments() -> list[Experiment]:
    """Ask the service, which may know others than this clone; its own when nobody answers."""
    client = client_or_none()
    try:
        if client is not None:
            return client.experiments()
    except ControlAwayError:
        typer.echo("The control service does not answer; this clone has:", err=True)
    except ControlError as error:
        _give_up(error)
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


def _running(home: Home | None, client: ControlClient | None) -> list[str]:
    """Return the runs that are going, from the lock where it is at hand: it cannot hang."""
    if home is not None:
        run = running_drill(home)
        return [run] if run else []
    try:
        return client.state().drills_running if client else []
    except ControlError as error:
        typer.echo(f"Which drills run cannot be seen: {error}", err=True)
        return []


def _throw(home: Home | None, client: ControlClient | None, reason: str) -> tuple[Halt, str]:
    """Throw the halt switch by the service, or else by the file; say how where it was the file."""
    why = "there is no token for the control service"
    try:
        if client is not None:
            return client.halt(reason), ""
    except ControlError as error:
        why = str(error)
    if home is None:
        fail(f"{why}, and its home is on another machine: run this there", FAILED)
    try:
        halted = throw_halt(home, getpass.getuser(), reason)
    except OSError as error:
        fail(f"{why}, and the halt file cannot be written: {error}", FAILED)
    return halted, f" (by the file {home.halt_file}: {why})"


def _follow(following: Following, *, quiet: bool) -> Following:
    try:
        for entry in following.entries():
            if not quiet:
                typer.echo(_line(entry))
    except LostSightError as error:
        fail(str(error), INCONCLUSIVE)
    except ControlError as error:
        _give_up(error)
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


def _client() -> ControlClient:
    try:
        return ControlClient(control_access(Home.from_environment()))
    except (NoAccessError, ValueError) as error:
        fail(str(error), INCONCLUSIVE)


def _local_home() -> Home | None:
    """Return the home whose files belong to the control service that is spoken to."""
    return None if os.environ.get("PHAROS_URL") else Home.from_environment()


def _give_up(error: ControlError) -> NoReturn:
    codes = {
        ControlRefusedError: REFUSED,
        UnknownNameError: WRONG,
        ControlAwayError: INCONCLUSIVE,
    }
    fail(str(error), codes.get(type(error), FAILED))
