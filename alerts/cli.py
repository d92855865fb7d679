"""`pharos alerts`: builds what follows from objectives, checks all rules, and breaks them."""

from typing import Annotated

import typer
from pydantic import ValidationError

from alerts.objectives.build import generated, outdated, write
from alerts.objectives.document import BadObjectivesError, load_slos
from alerts.objectives.model import Slo
from alerts.rulebook import TESTS, broken_conventions, load_rules, rule_files
from deploy.local.acquire import AcquireError, Programs, programs
from deploy.local.promtool import promtool

FAILED, WRONG, NOT_READY = 1, 2, 3

app = typer.Typer(no_args_is_help=True)
alerts = typer.Typer(no_args_is_help=True)
app.add_typer(alerts, name="alerts", help="Build, check and mutate the alert rules.")


@app.callback()
def room() -> None:
    """The alerts room."""


@alerts.callback()
def verbs() -> None:
    """Build, check and mutate the alert rules."""


@alerts.command()
def build() -> None:
    """Write the rules, and their tests, that follow from alerts/slos.yaml."""
    try:
        changed = write(generated(_objectives()))
    except OSError as error:
        typer.echo(f"pharos alerts: {error.filename}: {error.strerror}", err=True)
        raise typer.Exit(FAILED) from None
    for path in changed:
        typer.echo(f"changed alerts/{path}")
    typer.echo(f"{len(changed)} files changed" if changed else "all files are current")


@alerts.command()
def check() -> None:
    """Run promtool over the rules and their unit tests, and hold them to our conventions."""
    slos = _objectives()
    try:
        rules = load_rules()
    except ValidationError as error:
        typer.echo(f"pharos alerts: a rule breaks the format: {error}", err=True)
        raise typer.Exit(FAILED) from None
    programs_here = _programs()
    sound = promtool(programs_here, "check", "rules", *rule_files())
    proved = promtool(programs_here, "test", "rules", *sorted(TESTS.glob("*.yaml")))
    broken = [*outdated(generated(slos)), *broken_conventions(rules)]
    for lines in (sound.text, proved.text, *broken):
        typer.echo(lines)
    passed = sound.passed and proved.passed and not broken
    typer.echo(f"{len(rules)} alerts: {'sound' if passed else 'not sound, see above'}")
    raise typer.Exit(0 if passed else FAILED)


@alerts.command()
def mutate(
    operators: Annotated[bool, typer.Option("--list", help="Print the operators.")] = False,
    rule: Annotated[list[str] | None, typer.Option(help="Only this rule.")] = None,
    sample: Annotated[int, typer.Option(min=0, help="At most so many a rule; 0: all.")] = 0,
    seed: Annotated[int, typer.Option(help="Which ones, of a sample.")] = 1,
) -> None:
    """Break each rule in small ways, and tell which of them its tests do not notice."""
    try:
        from alerts.mutation import run  # noqa: PLC0415  it needs the development packages
    except ModuleNotFoundError as error:
        typer.echo(
            f"pharos alerts: {error.name} is missing: ./pharos test --help installs it", err=True
        )
        raise typer.Exit(NOT_READY) from None
    if operators:
        typer.echo("\n".join(run.operator_lines()))
        return
    try:
        passed, lines = run.mutate(
            _programs(), rule or [], sample, seed, lambda line: typer.echo(line, err=True)
        )
    except run.WRONG as error:
        typer.echo(f"pharos alerts: {error}", err=True)
        raise typer.Exit(WRONG) from None
    except run.UnprovedError as error:
        typer.echo(f"pharos alerts: {error}", err=True)
        raise typer.Exit(FAILED) from None
    typer.echo("\n".join(lines))
    raise typer.Exit(0 if passed else FAILED)


def _objectives() -> list[Slo]:
    try:
        return load_slos()
    except BadObjectivesError as error:
        for line in error.lines:
            typer.echo(f"pharos alerts: {line}", err=True)
        raise typer.Exit(WRONG) from None
    except OSError as error:
        typer.echo(f"pharos alerts: {error.filename}: {error.strerror}", err=True)
        raise typer.Exit(WRONG) from None


def _programs() -> Programs:
    try:
        return programs(lambda line: typer.echo(line, err=True))
    except AcquireError as error:
        typer.echo(f"pharos alerts: {error}", err=True)
        raise typer.Exit(NOT_READY) from None
