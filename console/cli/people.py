"""`pharos access`: the people who may sign in."""

import sys
from typing import Annotated

import typer
from pydantic import TypeAdapter
from rich.markup import escape
from rich.table import Table

from console.access_schemas import Person
from console.cli.calling import WRONG_USAGE, AsJson, Reason, call, end, local, out, print_json
from console.schemas import Role

access = typer.Typer(no_args_is_help=True, help="Manage people who may sign in.")


RoleOption = Annotated[Role, typer.Option(help="viewer reads, operator acts, admin also lets in.")]


@access.command("add")
def add(person: str, reason: Reason, role: RoleOption = "viewer") -> None:
    """Let PERSON sign in; the password is asked for, or read from standard input."""
    password = _password()
    asked = {"name": person, "password": password, "role": role, "reason": reason}
    call("POST", "/v1/people", json=asked)
    out.print(f"{person} may sign in, as {role}.", markup=False)


@access.command("role")
def change_role(person: str, role: Role, reason: Reason) -> None:
    """Give PERSON another ROLE (viewer, operator or admin), in open sessions too."""
    call("PUT", f"/v1/people/{person}/role", json={"role": role, "reason": reason})
    out.print(f"{person} is {role} now.", markup=False)


@access.command("list")
def list_people(as_json: AsJson = False) -> None:
    """List the people who may sign in."""
    people = TypeAdapter(list[Person]).validate_json(call("GET", "/v1/people").content)
    if as_json:
        print_json(people)
        return
    table = Table("name", "role", "added by", "when", box=None)
    for person in people:
        table.add_row(person.name, person.role, escape(person.added_by), local(person.added_at))
    out.print(table if people else "Nobody yet: `pharos access add PERSON --reason …`.")


@access.command("remove")
def remove(person: str, reason: Reason) -> None:
    """Take PERSON's access away and end their sessions."""
    call("DELETE", f"/v1/people/{person}", json={"reason": reason})
    out.print(f"{person} may no longer sign in.", markup=False)


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    password = sys.stdin.readline().rstrip("\n")
    if not password:
        end(WRONG_USAGE, "no password came on standard input")
    return password
