"""`pharos dashboards build|check`: Grafana's JSON from its source."""

import typer

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
    """Fail when a JSON file is not what its source says."""
    found = outdated()
    for line in found:
        typer.echo(f"{line}: run `pharos dashboards build`", err=True)
    if found:
        raise typer.Exit(FAILED)
    typer.echo("the dashboards are up to date")
