"""`pharos load`: replays an access log against the gateway, or makes traffic of its own."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer
import uvloop

from chaos.traffic import lines
from chaos.traffic.plan import Plan, UsageError, make_plan
from chaos.traffic.run import Finished, UnreachableError, new_run_id, run_load
from chaos.traffic.summary import describe, explain
from chaos.traffic.target import NoTargetError, RefusedTargetError, Target, find_target
from chaos.traffic.trace import TraceError
from deploy.home import Home

FAILED, NOT_READY, REFUSED = 1, 3, 4


def load(  # noqa: PLR0913, PLR0917 - its parameters are the command's options
    trace: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="An access log, common or combined format, plain or .gz."
        ),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(metavar="R", help="Requests a second, evenly spaced (100 if not said)."),
    ] = None,
    speed: Annotated[
        float | None, typer.Option(metavar="X", help="The recorded rhythm, X times faster.")
    ] = None,
    repeat: Annotated[int | None, typer.Option(metavar="N", help="Replay the log N times.")] = None,
    duration: Annotated[
        float | None, typer.Option(metavar="S", help="Stop after S seconds; repeat until then.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Replay an access log against the gateway, or make traffic.

    Requests leave when they are due, whatever the answers do, and are never
    sent twice. Each client address becomes a user, each line an event of his.
    Without --trace, 50 users post events (80 %) and read (20 %).
    """
    try:
        plan = make_plan(trace, rate, speed, repeat, duration)
    except UsageError as error:
        raise typer.BadParameter(str(error), param_hint=error.option) from None
    finished = _run(plan)
    print_result(finished, plan, as_json=as_json)
    raise typer.Exit(FAILED if finished.summary.failed else 0)


def _run(plan: Plan) -> Finished:
    try:
        home = Home.from_environment()
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="PHAROS_PORT_BASE") from None
    try:
        return _do(plan, find_target(home), home)
    except RefusedTargetError as error:
        _end(REFUSED, str(error))
    except NoTargetError as error:
        _end(NOT_READY, str(error))
    except UnreachableError as error:
        _end(NOT_READY, f"{error}: `pharos up` starts the stack, `pharos status` shows it")
    except TraceError as error:
        _end(FAILED, str(error))
    except OSError as error:
        _end(FAILED, f"the run's record cannot be written: {error}")


def _do(plan: Plan, target: Target, home: Home) -> Finished:
    run = new_run_id()
    lines.open_log(home.logs, run)
    lines.tell_begin(run, plan)
    try:
        finished = uvloop.run(run_load(plan, target, home.runs, run))
    except (UnreachableError, TraceError, OSError) as error:
        lines.tell_failure(run, error)
        raise
    lines.tell_end(finished)
    return finished


def _end(code: int, message: str) -> NoReturn:
    typer.echo(f"pharos load: {message}", err=True)
    raise typer.Exit(code)


def print_result(finished: Finished, plan: Plan, *, as_json: bool) -> None:
    """Write the summary to stdout and what must be known about it to stderr.

    With JSON the reasons go to stderr, too: stdout then holds one document and nothing else.
    """
    typer.echo(finished.summary.model_dump_json() if as_json else describe(finished.summary))
    for line in explain(plan, finished.tally):
        typer.echo(line, err=as_json)
    if finished.stopped:
        typer.echo("Stopped before its end.", err=True)
    if finished.bottleneck:
        typer.echo(
            f"The load generator itself was the bottleneck: {finished.bottleneck}. "
            "Lower the rate, or run it on a machine with more room.",
            err=True,
        )
