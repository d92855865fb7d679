"""`pharos chaos validate|ledger`: are experiments sound, and what have drills proved?"""

from pathlib import Path
from typing import Annotated

import typer

from alerts.rulebook import Rule, load_rules
from chaos.cli.room import DONE, FAILED, WRONG, AsJson, chaos, fail
from chaos.ledger.book import LedgerError
from chaos.ledger.standing import Standing, State
from chaos.runner.experiments import FOLDER
from chaos.runner.ledger_now import ledger_now
from chaos.runner.unproven import check_unproven
from chaos.runner.validation import faults_in, unnamed
from deploy.home import Home

Files = Annotated[
    list[Path] | None, typer.Argument(help="Experiments' files; all that ship without any.")
]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict", help="Fail for an alert that none expects, too, and no reason is listed."
    ),
]


@chaos.command()
def validate(files: Files = None, strict: Strict = False) -> None:
    """Check experiments: format, and the names of metrics, alerts, log fields and functions."""
    paths = files or sorted(FOLDER.glob("*.yaml"))
    rules = load_rules()
    try:
        faults = [line for path in paths for line in faults_in(path, rules)]
    except (OSError, UnicodeDecodeError) as error:
        fail(f"an experiment cannot be read: {error}", WRONG)
    left: list[Rule] = []
    if not files:
        silent = unnamed(paths, rules)
        excused, wrong = check_unproven(rules, [rule for rule in rules if rule not in silent])
        faults += wrong
        left = [rule for rule in silent if not any(each.speaks_of(rule) for each in excused)]
    for line in faults:
        typer.echo(line)
    for rule in left:
        typer.echo(f"no experiment expects {_named(rule, rules)}")
    sound = "sound" if not faults else f"{len(faults)} faults"
    missed = f", {len(left)} of {len(rules)} alerts in none of them" if left else ""
    typer.echo(f"{len(paths)} experiments: {sound}{missed}")
    raise typer.Exit(FAILED if faults or (strict and left) else DONE)


def _named(rule: Rule, rules: list[Rule]) -> str:
    alike = [other for other in rules if other.alert == rule.alert]
    return rule.alert if len(alike) == 1 else f"{rule.alert} ({rule.labels.severity})"


@chaos.command()
def ledger(as_json: AsJson = False) -> None:
    """Show for each alert rule when a drill last made it fire, be delivered, and resolve."""
    try:
        rows, troubles = ledger_now(Home.from_environment())
    except LedgerError as error:
        fail(str(error), FAILED)
    for words in troubles:
        typer.echo(f"pharos: {words}", err=True)
    if as_json:
        typer.echo(f"[{','.join(row.model_dump_json() for row in rows)}]")
        return
    for row in rows:
        typer.echo(_shown(row))
    proven = sum(row.state is State.PROVEN for row in rows)
    typer.echo(f"{proven} of {len(rows)} alerts are proven")


def _shown(row: Standing) -> str:
    beginning = f"{row.alert:<28} {row.severity:<7} {row.state:<13}"
    proof = row.proof
    if proof is None:
        return f"{beginning} {row.unprovable or ''}".rstrip()
    when = f"{proof.at.astimezone():%Y-%m-%d %H:%M}"
    course = (
        f"fires {proof.fires_seconds:.0f} s, delivered {proof.delivered_seconds:.0f} s, "
        f"resolved {proof.resolved_seconds:.0f} s after the end"
    )
    return f"{beginning} {when}  {proof.how:<6} {course}  {proof.experiment} {proof.run}"
