"""`pharos access token`: bearer tokens for programs."""

import sys
from typing import Annotated

import typer
from pydantic import TypeAdapter
from rich.markup import escape
from rich.table import Table

from console.access_schemas import AccessToken, FreshToken, Scope, ServiceScope
from console.cli.calling import WRONG_USAGE, AsJson, Reason, call, end, err, local, out, print_json
from console.schemas import Role
from deploy.logstore import QueryError
from deploy.logstore.search import duration

token = typer.Typer(no_args_is_help=True, help="Manage bearer tokens for programs.")


@token.command("create")
def create(  # noqa: PLR0913, PLR0917 (each is an option of the command)
    name: str,
    reason: Reason,
    role: Annotated[Role | None, typer.Option(help="What it may do, as a person may.")] = None,
    scope: Annotated[
        ServiceScope | None,
        typer.Option(help="In place of a role: mint makes links that sign in as admin."),
    ] = None,
    expires: Annotated[str, typer.Option(help="When: 12h, 30d; a year at most.")] = "30d",
    as_json: AsJson = False,
) -> None:
    """Make a token that acts as token:NAME; its value is printed now and never again."""
    asked = {
        "name": name,
        "scope": _one_of(role, scope),
        "lifetime_seconds": _seconds(expires),
        "reason": reason,
    }
    made = FreshToken.model_validate_json(call("POST", "/v1/tokens", json=asked).content)
    if as_json:
        print_json(made)
        return
    sys.stdout.write(f"{made.value}\n")
    words = f"{made.scope}, until {local(made.expires_at)}. Keep it: it is not shown again."
    err.print(words, markup=False, soft_wrap=True)


@token.command("list")
def list_tokens(as_json: AsJson = False) -> None:
    """List the tokens, those that have ended too."""
    tokens = TypeAdapter(list[AccessToken]).validate_json(call("GET", "/v1/tokens").content)
    if as_json:
        print_json(tokens)
        return
    table = Table("name", "scope", "made by", "when", "ends", "reason", box=None)
    for each in tokens:
        made = (each.created_by, local(each.created_at))
        row = (each.name, each.scope, *made, _ends(each), each.reason)
        table.add_row(*map(escape, row))
    out.print(table if tokens else "None yet: `pharos access token create NAME --role …`.")


@token.command("revoke")
def revoke(name: str, reason: Reason) -> None:
    """End the token NAME now."""
    call("DELETE", f"/v1/tokens/{name}", json={"reason": reason})
    out.print(f"{name} opens nothing any more.", markup=False)


def _ends(each: AccessToken) -> str:
    return local(each.expires_at) if each.revoked_at is None else f"revoked by {each.revoked_by}"


def _one_of(role: Role | None, scope: ServiceScope | None) -> Scope:
    given: list[Scope] = [each for each in (role, scope) if each is not None]
    if len(given) != 1:
        end(WRONG_USAGE, "say either --role or --scope")
    return given[0]


def _seconds(text: str) -> int:
    try:
        return int(duration(text).total_seconds())
    except QueryError as error:
        end(WRONG_USAGE, f"--expires: {error}")
