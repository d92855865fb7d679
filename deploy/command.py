"""The `pharos` command: finds each room's verbs through entry points, lazily.

A verb's room is imported only when the verb is used, so that `pharos status`
does not pay for the console's or the engine's imports.
"""

import os
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

import typer.main
from typer.core import TyperGroup

from deploy.home import Home

if TYPE_CHECKING:  # Typer carries its own click; only the types are needed from there.
    from typer._click import Command, Context, HelpFormatter

ENTRY_POINT_GROUP = "pharos.verbs"
WRONG_USAGE = 2

SUMMARIES = {
    "up": "Start the stack, or what is missing of it.",
    "down": "Stop the whole stack; data stays unless --wipe.",
    "status": "Show what runs, where, and how it is.",
    "logs": "Print, follow or search the components' logs.",
    "doctor": "Check this machine and say what to do.",
    "open": "Print the links, with a one-time sign-in.",
    "load": "Replay an access log, or make traffic.",
    "scale": "Change the number of replicas.",
    "restart": "Restart replicas, one after the other.",
    "drain": "Take a replica out of the gateway; it ends what it has in hand.",
    "undrain": "Let a drained replica back into the gateway.",
    "quarantine": "Take a replica out of the gateway to look at it, alive.",
    "release": "Let a quarantined replica back into the gateway.",
    "chaos": "List and run drills; halt them all.",
    "events": "Count, drain and verify events.",
    "migrate": "Bring the database schema up to date.",
    "audit": "Read, verify and export the audit log.",
    "access": "Manage people, tokens, and their roles.",
    "alerts": "Check the alert rules.",
    "dashboards": "Build the dashboards.",
    "test": "Run the checks and the test suite.",
    "bench": "Measure speed against a peer.",
}


class Rooms(TyperGroup):
    """A group whose commands live in the rooms that own them."""

    def _verbs(self) -> dict[str, EntryPoint]:
        return {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}

    def list_commands(self, ctx: "Context") -> list[str]:  # noqa: ARG002
        verbs = self._verbs()
        return [verb for verb in SUMMARIES if verb in verbs]

    def get_command(self, ctx: "Context", cmd_name: str) -> "Command | None":
        point = self._verbs().get(cmd_name)
        if point is None:
            return None
        _name_the_stack(for_the_product=point.value.startswith("backend."))
        room = typer.main.get_command(point.load())
        return room.get_command(ctx, cmd_name) if isinstance(room, TyperGroup) else room

    def format_commands(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """List the verbs from their summaries: help must not import every room."""
        with formatter.section("Commands"):
            formatter.write_dl([(verb, SUMMARIES[verb]) for verb in self.list_commands(ctx)])


def _name_the_stack(*, for_the_product: bool) -> None:
    """Tell the room which stack is meant, before it is loaded.

    The product may not import this room, so its own verbs learn from the
    environment where the stack's servers are; what the caller set stays.
    """
    try:
        home = Home.from_environment()
    except ValueError as error:
        typer.echo(f"pharos: {error}", err=True)
        raise typer.Exit(WRONG_USAGE) from error
    os.environ["PHAROS_HOME"] = str(home.root)
    os.environ["PHAROS_PORT_BASE"] = str(home.ports.base)
    if for_the_product:
        for name, value in home.product_environment.items():
            os.environ.setdefault(name, value)


app = typer.Typer(
    cls=Rooms,
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def pharos() -> None:
    """Pharos: an operations console with the backend that it runs.

    Exit codes: 0 done or passed, 1 failed, 2 wrong usage, 3 inconclusive or
    not ready, 4 refused by a guard.
    """


def main() -> None:
    """Run the command line and end the process with its exit code."""
    app(prog_name="pharos")
