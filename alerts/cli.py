"""`pharos alerts check`: the rules are sound, and each has what its reader needs."""

import typer
from pydantic import ValidationError

from alerts.rulebook import TESTS, broken_conventions, load_rules, rule_files
from deploy.local.acquire import AcquireError, programs
from deploy.local.promtool import promtool

FAILED, NOT_READY = 1, 3

app = typer.Typer(no_args_is_help=True)
alerts = typer.Typer(no_args_is_help=True)
app.add_typer(alerts, name="alerts", help="Check the alert rules.")


@app.callback()
def room() -> None:
    """The alerts room."""


@alerts.callback()
def verbs() -> None:
    """Check the alert rules."""


@alerts.command()
def check() -> None:
    """Run promtool over the rules and their unit tests, and hold them to our conventions."""
    try:
        rules = load_rules()
        programs_here = programs(lambda line: typer.echo(line, err=True))
    except ValidationError as error:
        typer.echo(f"pharos alerts: a rule breaks the format: {error}", err=True)
        raise typer.Exit(FAILED) from None
    except AcquireError as error:
        typer.echo(f"pharos alerts: {error}", err=True)
        raise typer.Exit(NOT_READY) from None
    sound = promtool(programs_here, "check", "rules", *rule_files())
    proved = promtool(programs_here, "test", "rules", *sorted(TESTS.glob("*.yaml")))
    broken = broken_conventions(rules)
    for lines in (sound.text, proved.text, *broken):
        typer.echo(lines)
    passed = sound.passed and proved.passed and not broken
    typer.echo(f"{len(rules)} alerts: {'sound' if passed else 'not sound, see above'}")
    raise typer.Exit(0 if passed else FAILED)
