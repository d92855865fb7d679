"""`pharos logs search`: lines that are found, for people and for programs.

It reads the files, or asks Elasticsearch, by itself: it works with the control service dead.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from typer.core import TyperGroup

from deploy.home import Home
from deploy.local.logs import Line as RawLine
from deploy.local.logs import render
from deploy.logstore import Found, Line, Search, make_search, open_store

if TYPE_CHECKING:  # Typer carries its own click; only the types are needed from there.
    from typer._click import Context

NONE_FOUND = 1


class ShowOrSearch(TyperGroup):
    """`logs search …` searches; anything else after `logs` is what `logs show` takes."""

    def parse_args(self, ctx: "Context", args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["show", *args]
        return super().parse_args(ctx, args)


def search(  # noqa: PLR0913, PLR0917 - its parameters are the command's options
    query: Annotated[str, typer.Argument(help="Words that must occur; see below.")] = "",
    since: Annotated[str, typer.Option(metavar="TIME", help="90s, 15m, 2h, 7d, or a time.")] = "1h",
    until: Annotated[str | None, typer.Option(metavar="TIME", help="As --since; now.")] = None,
    level: Annotated[str | None, typer.Option(help="This level and those above it.")] = None,
    component: Annotated[str | None, typer.Option(help="api, worker, gateway, api-1, …")] = None,
    request_id: Annotated[str | None, typer.Option(help="The lines of one request.")] = None,
    trace_id: Annotated[str | None, typer.Option(help="The lines of one trace.")] = None,
    limit: Annotated[int, typer.Option(help="The newest so many; at most 1000.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Search the logs of all components; the oldest of what is found comes first.

    QUERY: all words must occur, in any case. "a phrase", field:value, field:* (is
    there), and - before one of them for the lines without it. Short names of fields:
    level, service, node, status, method, route, path, request, trace, user, event,
    error, logger, action, run.

    Exit codes: 0 lines were found, 1 none, 2 wrong usage, 3 the logs cannot be searched.
    """
    wanted = make_search(
        query,
        now=datetime.now(UTC),
        since=since,
        until=until,
        level=level,
        component=component,
        request_id=request_id,
        trace_id=trace_id,
        limit=limit,
    )
    found = _ask(Home.from_environment(), wanted)
    for line in reversed(found.lines):
        typer.echo(_as_json(line) if as_json else _as_text(line))
    if found.more:
        typer.echo(f"pharos: there are more than these {limit}; --limit shows more", err=True)
    if not found.lines:
        typer.echo("pharos: no line was found", err=True)
        raise typer.Exit(NONE_FOUND)


def _ask(home: Home, wanted: Search) -> Found:
    store = open_store(home)
    try:
        return store.search(wanted)
    finally:
        store.close()


def _as_text(line: Line) -> str:
    """Return `day time level component message` and further fields, as `pharos logs` does."""
    shown = render(RawLine(line.component, _as_json(line)))
    return f"{line.at.astimezone(UTC):%m-%d} {shown}"


def _as_json(line: Line) -> str:
    return orjson.dumps(line.fields).decode()
