"""`pharos scale`: asks for a number of replicas, and waits for them if that is wanted."""

import time
from typing import Annotated, Any

import typer
from rich.markup import escape

from console.cli.calling import (
    FAILED,
    NOT_READY,
    AsJson,
    Reason,
    ServiceAwayError,
    call,
    end,
    err,
    failure,
    out,
    print_json,
    request,
)
from console.schemas import Action, ScalePreview

LOOK_SECONDS = 0.3

Anyway = Annotated[
    bool, typer.Option("--anyway", help="Though the others would not carry the present load.")
]


def scale(  # noqa: PLR0913, PLR0917 (each is an option of the command)
    role: Annotated[str, typer.Argument(help="The role to scale: api.")],
    count: Annotated[int, typer.Argument(help="How many replicas it shall have.")],
    reason: Reason,
    wait: Annotated[bool, typer.Option("--wait", help="Return when they serve.")] = False,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds to wait at most.")] = 150,
    anyway: Anyway = False,
    as_json: AsJson = False,
) -> None:
    """Change the number of replicas of a role."""
    asked = {"role": role, "count": count}
    try:
        _say_the_load(asked)
        asked |= {"reason": reason, "anyway": anyway}
        action = Action.model_validate_json(call("POST", "/v1/scale", json=asked).content)
        if wait:
            action = _follow(action, timeout)
    except KeyboardInterrupt:
        end(NOT_READY, "no longer waiting; what was asked for goes on: see `pharos audit`")
    if as_json:
        print_json(action)
    else:
        out.print(f"{action.target} → {action.wanted}: {action.progress}", markup=False)
    if action.state == "failed":
        raise typer.Exit(FAILED)
    if wait and action.state == "running":
        end(NOT_READY, f"not done within {timeout:.0f} s; it goes on: see `pharos audit`")


def _say_the_load(asked: dict[str, Any]) -> None:
    """Say what each replica would carry."""
    answer = call("POST", "/v1/scale/preview", json=asked)
    plan = ScalePreview.model_validate_json(answer.content)
    if plan.headroom is not None:
        err.print(plan.headroom.words, markup=False)


def _follow(action: Action, timeout: float) -> Action:
    """Show the action's progress until it ends, or `timeout` seconds have passed.

    The action outlives a restart of the service, so a service that is away is waited for.
    """
    deadline = time.monotonic() + timeout
    with err.status(action.progress) as line:
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
            line.update(escape(f"{action.target} → {action.wanted}: {action.progress}"))
    return action
