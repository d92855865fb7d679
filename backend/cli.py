"""The product's verbs: `pharos events …` and `pharos migrate`.

Exit codes: 0 done, 1 a run is not clean, 2 wrong usage, 3 not ready or not
drained in time.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.domain.errors import DependencyUnavailableError
from backend.schemas.runs import EventStats, RunVerification
from backend.services.event_report import EventReport, drain, event_report
from backend.services.run_files import UnknownRunError, run_file, sent_identities
from backend.settings import Settings
from backend.storage.engine import create_engine
from backend.storage.failures import translated
from backend.storage.migrate import migrate as migrate_schema
from backend.storage.run_comparison import compare_run

FAILED, WRONG_USAGE, NOT_READY = 1, 2, 3
# A look at large tables takes longer than a request may.
STATEMENT_SECONDS = 120.0

app = typer.Typer(no_args_is_help=True)
events = typer.Typer(no_args_is_help=True, help="Count, drain and verify events.")
app.add_typer(events, name="events")

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Result = TypeVar("Result")


@events.command()
def stats(json: JsonOption = False) -> None:
    """Count events from acceptance to the read model, from tables and queues."""
    with _told():
        settings = _settings()
        report = _with_engine(settings, lambda engine: event_report(engine, settings))
    if report.broker_error:
        typer.echo(
            f"RabbitMQ is away, so `dead` is from the inbox: {report.broker_error}", err=True
        )
    counted = report.stats()
    if json:
        typer.echo(counted.model_dump_json())
    else:
        Console().print(_stats_table(counted))


@events.command(name="drain")
def drain_events(
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait at most.")] = 60.0,
) -> None:
    """Wait until every accepted event has been dealt with and nothing is on its way."""
    with _told():
        settings = _settings()
        with Console(stderr=True).status("looking") as status:

            def show(report: EventReport) -> None:
                status.update(report.left())

            report = _with_engine(settings, lambda engine: drain(engine, settings, timeout, show))
    if not report.is_drained:
        typer.echo(f"not drained after {timeout:g} s: {report.left()}", err=True)
        raise typer.Exit(NOT_READY)
    totals = report.totals
    typer.echo(f"drained: {totals.consumed} consumed, {totals.buried} given up")


@events.command()
def verify(
    run: Annotated[str, typer.Option(help="The run's name, as `pharos load` printed it.")],
    file: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Its file, when it is elsewhere."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Compare what a load run sent with the event log and the read model."""
    with _told():
        identities = sent_identities(file or run_file(_home(), run))
        found = _with_engine(_settings(), lambda engine: compare_run(engine, identities))
    if json:
        typer.echo(found.model_dump_json())
    else:
        Console().print(_verification_table(run, found))
    if found.missing or found.doubled or found.out_of_order:
        raise typer.Exit(FAILED)


@app.command()
def migrate() -> None:
    """Bring the database schema up to date."""
    with _told():
        asyncio.run(migrate_schema(_settings()))
    typer.echo("the schema is up to date")


@contextmanager
def _told() -> Iterator[None]:
    """Turn what is expected to go wrong into a line and an exit code."""
    try:
        yield
    except DependencyUnavailableError as error:
        _stop(f"{error} Is the stack up? `pharos status` tells.", NOT_READY)
    except UnknownRunError as error:
        _stop(str(error), WRONG_USAGE)
    except ValidationError as error:
        _stop(f"the settings cannot be used: {error}", WRONG_USAGE)


def _stop(message: str, code: int) -> None:
    typer.echo(message, err=True)
    raise typer.Exit(code)


def _settings() -> Settings:
    return Settings().model_copy(update={"db_timeout": STATEMENT_SECONDS, "replica_id": "cli"})


def _home() -> Path:
    home = os.environ.get("PHAROS_HOME")
    if not home:
        raise UnknownRunError("PHAROS_HOME is not set: set it, or name the run's file with --file")
    return Path(home)


def _with_engine(settings: Settings, look: Callable[[AsyncEngine], Awaitable[Result]]) -> Result:
    async def looked() -> Result:
        engine = create_engine(settings)
        try:
            with translated():
                return await look(engine)
        finally:
            await engine.dispose()

    return asyncio.run(looked())


def _stats_table(counted: EventStats) -> Table:
    table = Table("events", "", title="From acceptance to the read model")
    table.columns[1].justify = "right"
    for name in ("accepted", "outbox", "published", "consumed", "duplicates", "dead"):
        table.add_row(name, f"{getattr(counted, name):,}")
    table.add_row("lag", f"{counted.lag_seconds:,.1f} s")
    for kind, count in counted.by_type.items():
        table.add_row(f"  {kind}", f"{count:,}")
    return table


def _verification_table(run: str, found: RunVerification) -> Table:
    table = Table("events", "", title=f"Run {run}")
    table.columns[1].justify = "right"
    for name, count in found.model_dump().items():
        table.add_row(name.replace("_", " "), f"{count:,}")
    return table
