"""`pharos scale`: asks for a number of replicas, and waits for them if that is wanted."""

from typing import Annotated, Any

import typer

from console.cli.calling import NOT_READY, AsJson, Reason, call, end, err
from console.cli.following import Anyway, Timeout, Wait, conclude
from console.schemas import Action, ScalePreview


def scale(  # noqa: PLR0913, PLR0917 (each is an option of the command)
    role: Annotated[str, typer.Argument(help="The role to scale: api.")],
    count: Annotated[int, typer.Argument(help="How many replicas it shall have.")],
    reason: Reason,
    wait: Wait = False,
    timeout: Timeout = 150,
    anyway: Anyway = False,
    as_json: AsJson = False,
) -> None:
    """Change the number of replicas of a role."""
    asked = {"role": role, "count": count}
    try:
        _say_the_load(asked)
        asked |= {"reason": reason, "anyway": anyway}
        answer = call("POST", "/v1/scale", json=asked)
    except KeyboardInterrupt:
        end(NOT_READY, "no longer waiting; what was asked for goes on: see `pharos audit`")
    conclude(Action.model_validate_json(answer.content), timeout if wait else None, as_json=as_json)


def _say_the_load(asked: dict[str, Any]) -> None:
    """Say what each replica would carry."""
    answer = call("POST", "/v1/scale/preview", json=asked)
    plan = ScalePreview.model_validate_json(answer.content)
    if plan.headroom is not None:
        err.print(plan.headroom.words, markup=False, soft_wrap=True)
