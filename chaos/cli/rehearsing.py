"""`pharos chaos rehearse-halt`: measures click-to-clean for every fault type, with its history."""

from typing import Annotated

import typer

from chaos.cli.room import (
    DONE,
    FAILED,
    INCONCLUSIVE,
    REFUSED,
    WRONG,
    AsJson,
    chaos,
    client_or_fail,
    fail,
    give_up,
    local_home,
    show,
)
from chaos.client import ControlError
from chaos.places import StackPlaces
from chaos.rehearsal import history
from chaos.rehearsal.history import HistoryError
from chaos.rehearsal.practices import KINDS, PRACTICES, Practice
from chaos.rehearsal.run import Room, rehearse
from chaos.rehearsal.schemas import REACH_SECONDS, Rehearsal, Row
from chaos.runner.guards import GuardError
from deploy.home import Home
from deploy.local.driver import LocalDriver
from deploy.local.interruption import interruptible

INTERRUPTED = 130
SHOWN = 10

Kinds = Annotated[list[str] | None, typer.Option("--kind", help="Only this kind; may be repeated.")]


@chaos.command("rehearse-halt")
def rehearse_halt(
    kind: Kinds = None,
    reason: Annotated[str, typer.Option("--reason", help="Why.")] = "rehearsing the halt",
    show_history: Annotated[bool, typer.Option("--history", help="Show past ones.")] = False,
    as_json: AsJson = False,
) -> None:
    """Inject each fault type, halt, and measure until nothing is left; never in production.

    Exit code: 0 all were clean within 2 s; 1 one was not; 3 there was none to rehearse here;
    4 refused by a guard.
    """
    home = local_home()
    if home is None:
        fail("a rehearsal asks the fault ports themselves: run it where the stack is", WRONG)
    try:
        if show_history:
            _show(history.read(home)[-SHOWN:], as_json=as_json)
            return
        rehearsal = _rehearse(home, _chosen(kind), reason, quiet=as_json)
    except GuardError as error:
        fail(str(error), REFUSED)
    except HistoryError as error:
        fail(str(error), FAILED)
    except ControlError as error:
        give_up(error)
    except KeyboardInterrupt as error:
        # One that has no words came before the first fault, or after the last.
        fail(str(error) or "interrupted", INTERRUPTED)
    typer.echo(rehearsal.model_dump_json(indent=2) if as_json else _summed_up(rehearsal))
    if rehearsal.empty:
        raise typer.Exit(INCONCLUSIVE)
    raise typer.Exit(DONE if rehearsal.met else FAILED)


def _chosen(kinds: list[str] | None) -> list[Practice]:
    unknown = sorted(set(kinds or ()) - set(KINDS))
    if unknown:
        fail(f"--kind {unknown[0]} is none: known are {', '.join(KINDS)}", WRONG)
    return [practice for practice in PRACTICES if not kinds or practice.kind in kinds]


def _rehearse(home: Home, practices: list[Practice], reason: str, *, quiet: bool) -> Rehearsal:
    interruptible()
    client = client_or_fail()
    room = Room(home, client.state(), LocalDriver(home), StackPlaces(home), client)
    return rehearse(room, practices, reason, lambda row: typer.echo(_line(row), err=quiet))


def _show(rehearsals: list[Rehearsal], *, as_json: bool) -> None:
    def words(each: Rehearsal) -> str:
        return f"{each.at.astimezone():%Y-%m-%d %H:%M}  {each.run}  {_summed_up(each)}"

    show(rehearsals, words, "The halt has not been rehearsed here yet.", as_json=as_json)


def _line(row: Row) -> str:
    beginning = f"{row.fault:<22} {row.target:<10}"
    if row.skipped:
        return f"{beginning} skipped: {row.note}"
    if row.clean_seconds is None:
        return f"{beginning} MISSED  {row.note}"
    told = "clean " if row.met else "MISSED"
    return f"{beginning} {told}  {row.clean_seconds:5.2f} s after the click"


def _summed_up(rehearsal: Rehearsal) -> str:
    if rehearsal.empty:
        return "Nothing was rehearsed: this stack can make none of it"
    clean = [row.clean_seconds for row in rehearsal.rows if row.clean_seconds is not None]
    missed = [f"{row.fault} at {row.target}" for row in rehearsal.rows if not row.met]
    slowest = f", the slowest {max(clean):.2f} s" if clean else ""
    words = f"{len(clean)} fault types clean{slowest}"
    if missed:
        words += f"; not within {REACH_SECONDS:g} s: {', '.join(missed)}"
    return f"{words}; cut short: {rehearsal.ended}" if rehearsal.ended else words
