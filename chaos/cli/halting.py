"""`pharos chaos halt|rearm`: stops everything, also with the control service dead."""

import getpass
from datetime import UTC, datetime
from typing import Annotated

import typer

from chaos.cli.room import (
    FAILED,
    AsJson,
    Reason,
    asked,
    chaos,
    client_or_none,
    fail,
    local_home,
)
from chaos.client import ControlClient, ControlError
from chaos.runner.following import RUNNING, Following, LostSightError
from chaos.runner.guards import running_drill
from chaos.runner.halt import throw_halt
from chaos.schemas import Halt, Halted
from deploy.faults.sweep import Swept
from deploy.home import Home
from deploy.local.faultplaces import sweep_stack

DRILL_PATIENCE = 60.0
# A service that hangs must not keep anybody from halting by the file, where that is at hand.
HALT_TIMEOUT = 2.0
# It waits for the drills that run to end, some seconds; elsewhere there is no other way to halt.
REMOTE_HALT_TIMEOUT = 30.0
# A node agent that died with the control service is up again, and has read the switch, by then.
SWEEP_PATIENCE = 10.0


@chaos.command()
def halt(
    reason: Annotated[str, typer.Option("--reason", help="Why.")] = "halted by hand",
    as_json: AsJson = False,
) -> None:
    """Take back every fault, end every drill and let none start; works with the service dead.

    Exit code: 0 nothing is left; 1 something is, a drill has not ended, or it could not be halted.
    """
    home, client = local_home(), client_or_none()
    running = _running(home, client)
    halted, swept, how = _throw(home, client, reason)
    typer.echo(f"Halted by {halted.by}: {halted.reason}{how}", err=as_json)
    typer.echo(f"Faults: {swept.words}.", err=as_json)
    if not running:
        typer.echo("No drill was running.", err=as_json)
    followed = [_followed(run, home, client, swept, quiet=as_json) for run in running]
    if as_json:
        drills = {each.run: each.verdict for each in followed}
        typer.echo(Halted(halt=halted, swept=swept, drills=drills).model_dump_json(indent=2))
    if swept.left or any(each.state == RUNNING for each in followed):
        raise typer.Exit(FAILED)


@chaos.command()
def rearm(reason: Reason) -> None:
    """Let drills run again; needs the control service, which writes down who did."""
    asked(lambda control: control.rearm(reason))
    typer.echo("Drills may run again.")


def _followed(
    run: str, home: Home | None, client: ControlClient | None, swept: Swept, *, quiet: bool
) -> Following:
    """Follow a drill to its end, or for as long as it may take, and say which."""
    # Its folder is the shorter way to it, and the only one when the service is dead.
    following = Following(run, None if home else client, home, DRILL_PATIENCE, DRILL_PATIENCE)
    try:
        for _ in following.entries():  # they stand in its journal
            pass
    except (LostSightError, ControlError) as error:
        words = f"the end of drill {run} was not seen: {error}. Faults: {swept.words}"
        typer.echo(f"pharos: {words}", err=True)
        return following
    verdict = following.verdict
    ended = f"{verdict.verdict}: {verdict.reason}" if verdict else "interrupted, no verdict"
    typer.echo(f"Drill {run} ended. {ended}", err=quiet)
    return following


def _running(home: Home | None, client: ControlClient | None) -> list[str]:
    """Return the runs that are going, from the lock where it is at hand: it cannot hang."""
    if home is not None:
        run = running_drill(home)
        # A rehearsal holds the lock, too, and ends by itself: there is no journal to follow.
        return [run] if run and (home.drills / run).is_dir() else []
    try:
        return client.state().drills_running if client else []
    except ControlError as error:
        typer.echo(f"Which drills run cannot be seen: {error}", err=True)
        return []


def _throw(home: Home | None, client: ControlClient | None, reason: str) -> tuple[Halt, Swept, str]:
    """Throw the switch and sweep by the service, or else from here; say how where it was here."""
    why = "there is no token for the control service"
    asked_at = datetime.now(UTC)
    try:
        if client is not None:
            thrown = client.halt(reason, HALT_TIMEOUT if home else REMOTE_HALT_TIMEOUT)
            return thrown, thrown.swept, ""
    except ControlError as error:
        why = str(error)
    if home is None:
        fail(f"{why}, and its home is on another machine: run this there", FAILED)
    try:
        halted = throw_halt(home, getpass.getuser(), reason)
    except OSError as error:
        swept = sweep_stack(home, SWEEP_PATIENCE)
        fail(
            f"{why}, and the halt file cannot be written: {error}. Faults: {swept.words}; "
            "drills may go on or start: make room, and halt again",
            FAILED,
        )
    how = _how(halted, home, reason, asked_at)
    return halted, sweep_stack(home, SWEEP_PATIENCE), f" ({how}: {why})"


def _how(halted: Halt, home: Home, reason: str, asked_at: datetime) -> str:
    if (halted.by, halted.reason) == (getpass.getuser(), reason):
        return f"by the file {home.halt_file}"
    # The service threw it before it was given up on.
    if halted.reason == reason and halted.since is not None and halted.since >= asked_at:
        return "by the control service, which was too slow to tell"
    return "it was on already"
