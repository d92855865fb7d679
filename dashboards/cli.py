"""`pharos dashboards build|check|reference`: Grafana's JSON and the table of signals."""

import typer

from dashboards import reference as signals
from dashboards.build import outdated, write

FAILED = 1

app = typer.Typer(no_args_is_help=True)
dashboards = typer.Typer(no_args_is_help=True)
app.add_typer(dashboards, name="dashboards", help="Build the dashboards.")


@app.callback()
def room() -> None:
    """The dashboards room."""


@dashboards.callback()
def verbs() -> None:
    """Build the dashboards."""


@dashboards.command()
def build() -> None:
    """Write the JSON files that Grafana is provisioned with."""
    for path in write():
        typer.echo(f"wrote dashboards/json/{path.name}")


@dashboards.command()
def check() -> None:
    """Fail when a generated file is not what its source says."""
    found = outdated()
    if not signals.is_current():
        found.append("docs/signals.md is not what the catalogue says")
    for line in found:
        typer.echo(f"{line}: run `pharos dashboards build` and `reference`", err=True)
    if found:
        raise typer.Exit(FAILED)
    typer.echo("the dashboards are up to date")


@dashboards.command()
def reference() -> None:
    """Write docs/signals.md, the table of every metric, from the catalogue."""
    signals.write()
    typer.echo("wrote docs/signals.md")
