"""`pharos audit`: reads the audit log; `evidence` has the verbs that need no service."""

from typing import Annotated

import typer
from pydantic import TypeAdapter
from rich.markup import escape

from console.cli.calling import AsJson, call, local, out, print_json
from console.schemas import AuditEntry

COLOURS = {"accepted": "default", "done": "green", "refused": "yellow", "failed": "red"}


audit = typer.Typer(help="Read the audit log, verify its chain, export it.")


@audit.callback(invoke_without_command=True)
def read(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many entries.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Read the audit log, newest first; or verify or export it."""
    if context.invoked_subcommand is not None:
        return
    answer = call("GET", "/v1/audit", params={"limit": limit})
    entries = TypeAdapter(list[AuditEntry]).validate_json(answer.content)
    if as_json:
        print_json(entries)
        return
    for entry in entries:
        _print_entry(entry)
    if not entries:
        out.print("Nothing has been done yet.")


def _print_entry(entry: AuditEntry) -> None:
    """Print what was done and how it ended on one line, who, why and the detail below it."""
    when, colour = local(entry.at), COLOURS[entry.outcome]
    what = escape(f"{entry.action} {entry.target}")
    lines = [f"{entry.actor}: {entry.reason}", entry.detail, _change(entry)]
    out.print(f"{when}  [bold]{what}[/]  [{colour}]{entry.outcome}[/]", soft_wrap=True)
    for line in filter(None, lines):
        out.print(f"{'':21}{escape(line)}", soft_wrap=True)


def _change(entry: AuditEntry) -> str:
    """Return what the target was and is, as `replicas 2 → 3`; empty where nothing changed."""
    before, after = entry.before or {}, entry.after or {}
    names = dict.fromkeys((*before, *after))
    return ", ".join(
        f"{name} {before.get(name, 'none')} → {after.get(name, 'none')}" for name in names
    )
