"""`python -m chaos`: what the control service starts as a child process, one a drill.

It owes nothing to whoever started it: it reads its stack from `PHAROS_HOME` and
`PHAROS_PORT_BASE`, and writes what it does to its own folder of the home.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from backend.observability.catalogue import Process
from backend.observability.errors import ErrorReports
from backend.observability.logs import configure_logging
from backend.observability.metrics import Instruments
from chaos.client import ControlClient
from chaos.drill import Control, NoControl
from chaos.journal import JournalError
from chaos.ledger.book import LedgerError
from chaos.places import StackPlaces
from chaos.probes.eyes import GatewayReader, TwoEyes
from chaos.probes.prometheus import Prometheus, PrometheusTraffic
from chaos.runner.experiments import ExperimentError, load, load_all
from chaos.runner.guards import GuardError
from chaos.runner.ledger_now import ledger_now
from chaos.runner.run import Order, Surroundings, run_drill
from chaos.runner.watcher import block_signals
from chaos.schemas import GuardProfile, Verdict
from chaos.signals.sources import StackSources
from deploy.access import NoAccessError, control_access
from deploy.home import Home
from deploy.local.driver import LocalDriver

EXIT_CODES = {Verdict.PASSED: 0, Verdict.FAILED: 1, Verdict.INCONCLUSIVE: 3}
BROKEN, WRONG, REFUSED = 1, 2, 4
FORESEEN = (GuardError, ExperimentError, JournalError)
LOG = "runner.log"

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Print the experiments that may be run."""
    experiments = [plan.experiment for plan in load_all()]
    if as_json:
        rows = ",".join(experiment.model_dump_json() for experiment in experiments)
        typer.echo(f"[{rows}]")
        return
    for experiment in experiments:
        typer.echo(f"{experiment.name}: {experiment.title}")


@app.command()
def ledger(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Print how each alert rule stands."""
    rows, troubles = ledger_now(Home.from_environment())
    for words in troubles:
        typer.echo(f"chaos: {words}", err=True)
    if as_json:
        typer.echo(f"[{','.join(row.model_dump_json() for row in rows)}]")
        return
    for row in rows:
        typer.echo(f"{row.alert} ({row.severity}): {row.state}")


@app.command()
def run(
    name: Annotated[str, typer.Argument(help="The experiment.")],
    run_id: Annotated[str, typer.Option("--run", help="YYYYMMDDTHHMMSS-xxxx; names the folder.")],
    actor: Annotated[str, typer.Option("--actor", help="Who asked for it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    profile: Annotated[
        GuardProfile, typer.Option("--profile", help="The guards that let it start.")
    ] = "standard",
) -> None:
    """Run one drill to its end, in this process."""
    block_signals()
    plan = load(name)
    home = Home.from_environment()
    configure_logging(
        service=Process.DRILL,
        log_file=_folder(home, run_id) / LOG,
        node=run_id,
        version=version("pharos"),
    )
    order = Order(run_id, plan, actor, reason, os.getpid(), profile)
    reader = GatewayReader(f"http://127.0.0.1:{home.ports['gateway-admin']}")
    prometheus = PrometheusTraffic(f"http://127.0.0.1:{home.ports['prometheus']}")
    around = Surroundings(
        home=home,
        environment=os.environ.get("PHAROS_ENVIRONMENT", "local"),
        driver=LocalDriver(home),
        traffic=TwoEyes(prometheus, reader),
        gateway=f"http://127.0.0.1:{home.ports['gateway']}",
        sources=StackSources(home),
        places=StackPlaces(home),
        numbers=prometheus,
        history=Prometheus(f"http://127.0.0.1:{home.ports['history']}"),
        control=_control(home),
    )
    with _reported(order, around.environment), reader.reading():
        verdict = run_drill(order, around)
    typer.echo(f"{verdict.verdict}: {verdict.reason}")
    raise typer.Exit(EXIT_CODES[verdict.verdict])


def _control(home: Home) -> Control:
    try:
        return ControlClient(control_access(home))
    except NoAccessError as error:
        return NoControl(str(error))


@contextmanager
def _reported(order: Order, environment: str) -> Iterator[None]:
    """Report what nobody foresaw, where the error tracker is, and end the process with it."""
    reports = ErrorReports(
        Instruments(Process.DRILL, version("pharos")),
        dsn=os.environ.get("PHAROS_SENTRY_DSN"),
        environment=environment,
        release=version("pharos"),
        node=order.run,
    )
    try:
        yield
    except FORESEEN:
        raise
    except Exception as error:  # noqa: BLE001 - the last frame: reported, and told by the exit code
        reports.capture(error, "The drill's runner broke", route="run a drill")
        reports.flush()
        _fail(f"the runner broke: {error!r}", BROKEN)


def _folder(home: Home, run_id: str) -> Path:
    if not run_id or Path(run_id).name != run_id or run_id.startswith("."):
        raise typer.BadParameter("must be the name of a folder, such as 20260131T120000-a1b2")
    return home.drills / run_id


def main() -> None:
    """Run the command; errors become one line on stderr and an exit code."""
    try:
        app()
    except GuardError as error:
        _fail(str(error), REFUSED)
    except (ExperimentError, ValueError) as error:
        _fail(str(error), WRONG)
    except (JournalError, LedgerError) as error:
        _fail(str(error), BROKEN)


def _fail(words: str, code: int) -> NoReturn:
    typer.echo(f"chaos: {words}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
