"""The console room's verbs: scale, replicas, audit, access. Thin clients of the control service."""

import typer

from console.cli.auditing import audit
from console.cli.evidence import export, verify
from console.cli.people import access
from console.cli.replicas import drain, quarantine, release, restart
from console.cli.scaling import scale
from console.cli.tokens import token

app = typer.Typer(no_args_is_help=True)
for verb in (scale, restart, drain, quarantine, release):
    app.command()(verb)
# Either lets a replica back, however it was put aside: nobody need know which it was.
app.command("undrain")(release)
audit.command()(verify)
audit.command()(export)
app.add_typer(audit, name="audit")
access.add_typer(token, name="token")
app.add_typer(access, name="access")
