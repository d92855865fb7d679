"""Waits for an action's end, showing how far it is, and ends the command as it ended."""

import time
from typing import Annotated

import typer
from rich.markup import escape

from console.cli.calling import (
    FAILED,
    NOT_READY,
    ServiceAwayError,
    end,
    err,
    failure,
    out,
    print_json,
    request,
)
from console.schemas import Action

LOOK_SECONDS = 0.3

Wait = Annotated[bool, typer.Option("--wait", help="Return when it has ended.")]
Timeout = Annotated[float, typer.Option(min=1, help="Seconds to wait at most.")]
Anyway = Annotated[
    bool, typer.Option("--anyway", help="Though the others would not carry the present load.")
]


def conclude(action: Action, timeout: float | None, *, as_json: bool) -> None:
    """Follow it for `timeout` seconds (null: not at all), print it, and end with its exit code."""
    try:
        action = _follow(action, timeout) if timeout else action
    except KeyboardInterrupt:
        end(NOT_READY, "no longer waiting; what was asked for goes on: see `pharos audit`")
    if as_json:
        print_json(action)
    else:
        out.print(_told(action), markup=False)
    if action.state not in {"running", "done", "aborted"}:
        raise typer.Exit(FAILED)
    if timeout and action.state == "running":
        end(NOT_READY, f"not done within {timeout:.0f} s; it goes on: see `pharos audit`")


def _told(action: Action) -> str:
    if action.kind == "scale":
        return f"{action.target} → {action.wanted}: {action.progress}"
    return f"{action.kind} {action.target}: {action.progress}"


def _follow(action: Action, timeout: float) -> Action:
    """Show the action's progress until it ends, or `timeout` seconds have passed.

    The action outlives a restart of the service, so a service that is away is waited for.
    """
    deadline = time.monotonic() + timeout
    with err.status(escape(action.progress)) as line:
        while action.state == "running" and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
            try:
                answer = request("GET", f"/v1/actions/{action.id}")
            except ServiceAwayError as error:
                line.update(escape(str(error)))
                continue
            if answer.is_error:
                end(*failure(answer))
            action = Action.model_validate_json(answer.content)
            line.update(escape(_told(action)))
    return action
