"""`pharos chaos report`: one drill, or one game day, in Markdown and as a page with charts."""

from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from alerts.document import BadDocumentError
from chaos.cli.room import FAILED, WRONG, chaos, client_or_none, fail
from chaos.gameday.accounts import Account, accounts
from chaos.gameday.record import GameDay, RecordError, is_game_day, read_game_day
from chaos.ledger.loaded import rules_now
from chaos.probes.prometheus import Prometheus
from chaos.report import game_day
from chaos.report.charts import Chart
from chaos.report.curves import charts
from chaos.report.markdown import markdown
from chaos.report.page import page
from chaos.report.run import NoReportError, find_run
from chaos.report.sections import Section, sections, title
from chaos.runner.unproven import load_unproven
from chaos.signals.sources import StackSources
from deploy.home import Home

STDOUT = Path("-")


class Report(NamedTuple):
    """What is written down, as Markdown or as a page."""

    title: str
    sections: list[Section]
    charts: list[Chart]

    @property
    def markdown(self) -> str:
        return markdown(self.title, self.sections)

    @property
    def page(self) -> str:
        return page(self.title, self.sections, self.charts)


@chaos.command()
def report(
    run: Annotated[str, typer.Argument(help="The drill's or game day's run: see `history`.")],
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Also write a page with charts there; `-`: print only that."),
    ] = None,
) -> None:
    """Report in Markdown: what was expected, done, felt and seen, and the verdict."""
    home = Home.from_environment()
    made = _game_day_report(home, run) if is_game_day(home, run) else _drill_report(home, run)
    if html is not None and not made.charts:
        typer.echo("pharos: Prometheus does not answer: the page has no charts", err=True)
    if html == STDOUT:
        typer.echo(made.page, nl=False)
        return
    typer.echo(made.markdown, nl=False)
    if html is not None:
        write(html, made.page)


def report_on(home: Home, day: GameDay, found: list[Account]) -> Report:
    """Return the report on a game day as far as it went."""
    drawn = game_day.day_charts(day, _prometheus(home))
    return Report(game_day.title(day), game_day.sections(day, found), drawn)


def day_or_fail(home: Home, name: str) -> GameDay | None:
    try:
        return read_game_day(home, name)
    except RecordError as error:
        fail(str(error), FAILED)


def accounts_of(home: Home, day: GameDay) -> list[Account]:
    """Return the day's accounts by the rules that are loaded."""
    rules, troubles = rules_now(StackSources(home))
    for words in troubles:
        typer.echo(f"pharos: {words}", err=True)
    try:
        return accounts(day, rules, load_unproven())
    except (BadDocumentError, OSError) as error:
        fail(str(error), FAILED)


def _game_day_report(home: Home, name: str) -> Report:
    day = day_or_fail(home, name)
    if day is None:
        fail(f"game day {name} has not begun its journal", WRONG)
    return report_on(home, day, accounts_of(home, day))


def _drill_report(home: Home, run: str) -> Report:
    try:
        found = find_run(run, home, client_or_none())
    except NoReportError as error:
        fail(str(error), WRONG)
    return Report(title(found), sections(found), charts(found.verdict, _prometheus(home)))


def _prometheus(home: Home) -> Prometheus:
    return Prometheus(f"http://127.0.0.1:{home.ports['prometheus']}")


def write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}", FAILED)
