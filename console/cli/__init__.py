"""The console room's verbs: scale, audit, access. Thin clients of the control service."""

import typer

from console.cli.auditing import audit
from console.cli.evidence import export, verify
from console.cli.people import access
from console.cli.scaling import scale
from console.cli.tokens import token

app = typer.Typer(no_args_is_help=True)
app.command()(scale)
audit.command()(verify)
audit.command()(export)
app.add_typer(audit, name="audit")
access.add_typer(token, name="token")
app.add_typer(access, name="access")
