"""`pharos chaos game-day`: a set of drills under traffic, one report, and their history."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from chaos.cli.reports import accounts_of, day_or_fail, report_on, write
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
from chaos.gameday.accounts import Account, unaccounted
from chaos.gameday.agenda import Agenda, AgendaError, chosen, new_name
from chaos.gameday.record import GameDay, RecordError, is_game_day, names, read_game_day
from chaos.journal import JournalError
from chaos.runner.experiments import ExperimentError, load_all
from chaos.runner.guards import GuardError
from chaos.schemas import JournalEntry
from deploy.home import Home

CODES = {
    "passed": DONE,
    "failed": FAILED,
    "inconclusive": INCONCLUSIVE,
    "halted": INCONCLUSIVE,
    "interrupted": INCONCLUSIVE,
    "refused": REFUSED,
}
RATE = 50.0


@chaos.command("game-day")
def game_day(  # noqa: PLR0913, PLR0917 - its parameters are the command's options
    experiments: Annotated[list[str] | None, typer.Argument(help="Experiments by name.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="All that there are.")] = False,
    tag: Annotated[list[str] | None, typer.Option("--tag", help="Those with this tag.")] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; for the audit log.")] = "",
    rate: Annotated[float, typer.Option("--rate", help="Requests a second meanwhile.")] = RATE,
    traffic: Annotated[bool, typer.Option(help="Make traffic, or leave it to others.")] = True,
    trace: Annotated[
        Path | None, typer.Option("--trace", metavar="FILE", help="Replay this access log.")
    ] = None,
    history: Annotated[bool, typer.Option("--history", help="List the game days so far.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run drills one after the other under traffic, and report on all of them.

    Exit code: 0 all passed and every alert is accounted for, 1 one failed, 3 inconclusive,
    4 one was refused by a guard.
    """
    home = _home()
    if history:
        _history(home, as_json=as_json)
        return
    if trace is not None and not traffic:
        fail("--no-traffic replays no log: leave out either --trace or --no-traffic", WRONG)
    wanted = _agenda(
        experiments or [], tag or [], reason, all_=all_, rate=rate if traffic else None
    )
    _run(home, wanted, trace, quiet=as_json)
    _conclude(home, wanted.name, as_json=as_json)


def _agenda(
    names_: list[str], tags: list[str], reason: str, *, all_: bool, rate: float | None
) -> Agenda:
    if all_ == bool(names_ or tags):
        fail("say which: experiments by name, --tag, or --all", WRONG)
    if len(reason.strip()) < 3:
        fail("--reason is missing: say why, it is written to the audit log", WRONG)
    try:
        items = chosen(load_all(), names_, tags)
    except (AgendaError, ExperimentError) as error:
        fail(str(error), WRONG)
    return Agenda(new_name(), items, reason.strip(), whole=all_, rate=rate)


def _run(home: Home, agenda: Agenda, trace: Path | None, *, quiet: bool) -> None:
    # The load generator's libraries are loaded only where they are used.
    from chaos.cli.surroundings import around  # noqa: PLC0415
    from chaos.gameday.run import run_game_day  # noqa: PLC0415

    def say(entry: JournalEntry) -> None:
        if not quiet:
            typer.echo(f"{entry.at.astimezone():%H:%M:%S}  {entry.message}")

    try:
        run_game_day(agenda, around(home, client_or_fail(), agenda, trace, say))
    except GuardError as error:
        fail(str(error), REFUSED)
    except (ControlError, JournalError, ValueError) as error:
        _broken_off(home, agenda.name, error)


def _broken_off(home: Home, name: str, error: Exception) -> None:
    """Say why; of one that had begun, what was found out until then is reported all the same."""
    if not is_game_day(home, name):
        if isinstance(error, ControlError):
            give_up(error)
        fail(str(error), FAILED)
    typer.echo(f"pharos: the game day broke off: {error}", err=True)


def _conclude(home: Home, name: str, *, as_json: bool) -> NoReturn:
    day = day_or_fail(home, name)
    if day is None:
        fail(f"the journal of game day {name} is gone", FAILED)
    found = accounts_of(home, day)
    made, folder = report_on(home, day, found), home.game_days / name
    write(folder / "report.md", made.markdown)
    write(folder / "report.html", made.page)
    if as_json:
        typer.echo(day.model_dump_json(indent=2))
    else:
        _tell(day, unaccounted(found), folder)
    complete = day.outcome != "passed" or not unaccounted(found)
    raise typer.Exit(CODES[day.outcome] if complete else INCONCLUSIVE)


def _tell(day: GameDay, missing: list[Account], folder: Path) -> None:
    typer.echo(f"Game day {day.name} {day.words}")
    for each in missing:
        typer.echo(f"  not proven: {each.alert} ({each.severity}): {each.why}")
    typer.echo(f"Report: {folder / 'report.md'} and report.html beside it")


def _history(home: Home, *, as_json: bool) -> None:
    show(list(_readable(home)), _summed_up, "No game day has been held here yet.", as_json=as_json)


def _readable(home: Home) -> Iterator[GameDay]:
    """Tell of one that cannot be read, and go on with the others."""
    for name in names(home):
        try:
            day = read_game_day(home, name)
        except RecordError as error:
            typer.echo(f"pharos: {error}", err=True)
            continue
        if day is not None:
            yield day


def _summed_up(day: GameDay) -> str:
    when = f"{day.started_at.astimezone():%Y-%m-%d %H:%M:%S}"
    return f"{when}  {day.name}  {day.words}: {day.reason}"


def _home() -> Home:
    home = local_home()
    if home is None:
        fail("a game day is held beside its stack: run this there, without PHAROS_URL", WRONG)
    return home
