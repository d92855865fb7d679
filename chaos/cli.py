"""`pharos chaos …` and `pharos load`: asks the control service; halts without it."""

import getpass
import os
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from typer.core import TyperGroup

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
from chaos.schemas import Drill, DrillVerdict, Experiment, Halt, Halted, JournalEntry, Verdict
from deploy.access import NoAccessError, control_access
from deploy.home import Home

if TYPE_CHECKING:  # Typer carries its own click; only the types are needed from there.
    from typer._click import Command, Context

DONE, FAILED, WRONG, INCONCLUSIVE, REFUSED = 0, 1, 2, 3, 4
EXIT_CODES = {Verdict.PASSED: DONE, Verdict.FAILED: FAILED, Verdict.INCONCLUSIVE: INCONCLUSIVE}
HALT_PATIENCE = 60.0

Reason = Annotated[str, typer.Option("--reason", help="Why; it is written to the audit log.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class Verbs(TyperGroup):
    """Loads the load generator's libraries only for `load`."""

    def list_commands(self, ctx: "Context") -> list[str]:
        return [*super().list_commands(ctx), "load"]

    def get_command(self, ctx: "Context", cmd_name: str) -> "Command | None":
        if cmd_name != "load":
            return super().get_command(ctx, cmd_name)
        from chaos.traffic.command import load  # noqa: PLC0415 - see the class

        single = typer.Typer(add_completion=False)
        single.command("load")(load)
        return typer.main.get_command(single)


app = typer.Typer(cls=Verbs, add_completion=False, no_args_is_help=True)
chaos = typer.Typer(no_args_is_help=True, help="List and run drills; halt them all.")
app.add_typer(chaos, name="chaos")


@app.callback()
def room() -> None:
    """Drills and traffic."""


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
    wait: Annotated[bool, typer.Option(help="Follow it to its verdict.")] = True,
    as_json: AsJson = False,
) -> None:
    """Run a drill. Exit code: 0 passed, 1 failed, 3 inconclusive, 4 refused by a guard."""
    client = _client()
    try:
        drill = client.start(name, reason)
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
    home, client = _local_home(), _client_or_none()
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
    client = _client_or_none()
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
        _fail(f"{why}, and its home is on another machine: run this there", FAILED)
    try:
        halted = throw_halt(home, getpass.getuser(), reason)
    except OSError as error:
        _fail(f"{why}, and the halt file cannot be written: {error}", FAILED)
    return halted, f" (by the file {home.halt_file}: {why})"


def _follow(following: Following, *, quiet: bool) -> Following:
    try:
        for entry in following.entries():
            if not quiet:
                typer.echo(_line(entry))
    except LostSightError as error:
        _fail(str(error), INCONCLUSIVE)
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
        _fail(f"drill {following.run} is inconclusive: {why}", INCONCLUSIVE)
    if as_json:
        typer.echo(verdict.model_dump_json(indent=2))
    raise typer.Exit(EXIT_CODES[verdict.verdict])


def _client() -> ControlClient:
    try:
        return ControlClient(control_access(Home.from_environment()))
    except (NoAccessError, ValueError) as error:
        _fail(str(error), INCONCLUSIVE)


def _client_or_none() -> ControlClient | None:
    try:
        return ControlClient(control_access(Home.from_environment()))
    except NoAccessError:
        return None


def _local_home() -> Home | None:
    """Return the home whose files belong to the control service that is spoken to."""
    return None if os.environ.get("PHAROS_URL") else Home.from_environment()


def _give_up(error: ControlError) -> NoReturn:
    codes = {
        ControlRefusedError: REFUSED,
        UnknownNameError: WRONG,
        ControlAwayError: INCONCLUSIVE,
    }
    _fail(str(error), codes.get(type(error), FAILED))


def _fail(words: str, code: int) -> NoReturn:
    typer.echo(f"pharos: {words}", err=True)
    raise typer.Exit(code)
