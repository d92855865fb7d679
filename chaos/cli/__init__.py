"""`pharos chaos …` and `pharos load`: a file for each group of verbs."""

from typing import TYPE_CHECKING

import typer
from typer.core import TyperGroup

from chaos.cli import drills, gamedays, guarding, halting, proofs, rehearsing, reports, schedules
from chaos.cli.room import chaos

if TYPE_CHECKING:  # Typer carries its own click; only the types are needed from there.
    from typer._click import Command, Context

__all__ = [
    "app",
    "drills",
    "gamedays",
    "guarding",
    "halting",
    "proofs",
    "rehearsing",
    "reports",
    "schedules",
]


class Verbs(TyperGroup):
    """Loads the load generator's libraries only for `load`."""

    def list_commands(self, ctx: "Context") -> list[str]:
        return [*super().list_commands(ctx), "load"]

    def get_command(self, ctx: "Context", cmd_name: str) -> "Command | None":
        if cmd_name != "load":
            return super().get_command(ctx, cmd_name)
        from chaos.traffic.command import load  # noqa: PLC0415 - see the class

        single = typer.Typer(add_completion=False)
        single.command("load")(load)
        return typer.main.get_command(single)


app = typer.Typer(cls=Verbs, add_completion=False, no_args_is_help=True)
app.add_typer(chaos, name="chaos")


@app.callback()
def room() -> None:
    """Drills and traffic."""
