"""`pharos restart`, `drain`, `undrain`, `quarantine`, `release`."""

from typing import Annotated

import typer
from pydantic import TypeAdapter

from console.cli.calling import WRONG_USAGE, AsJson, Reason, call, end, out
from console.cli.following import Anyway, Timeout, Wait, conclude
from console.schemas import Action

Target = Annotated[str, typer.Argument(help="A role, or one of its replicas: api, api-2, worker.")]
Replica = Annotated[str, typer.Argument(help="The replica: api-2.")]
NEWEST = 200


def restart(  # noqa: PLR0913, PLR0917 (each is an option of the command)
    target: Target,
    reason: Reason,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where the last one stopped.")
    ] = False,
    abort: Annotated[bool, typer.Option("--abort", help="Stop the one that goes on.")] = False,
    wait: Wait = False,
    timeout: Timeout = 600,
    anyway: Anyway = False,
    as_json: AsJson = False,
) -> None:
    """Restart replicas, one after the other, each out of the gateway meanwhile."""
    if resume and abort:
        end(WRONG_USAGE, "--resume and --abort exclude each other")
    if resume or abort:
        path = f"/v1/actions/{_last(target)}/{'resume' if resume else 'abort'}"
        answer = call("POST", path, json={"reason": reason})
    else:
        asked = {"target": target, "reason": reason, "anyway": anyway}
        answer = call("POST", "/v1/restart", json=asked)
    conclude(Action.model_validate_json(answer.content), timeout if wait else None, as_json=as_json)


def drain(  # noqa: PLR0913, PLR0917
    replica: Replica,
    reason: Reason,
    wait: Wait = False,
    timeout: Timeout = 60,
    anyway: Anyway = False,
    as_json: AsJson = False,
) -> None:
    """Take a replica out of the gateway until it is undrained; it ends what it has in hand."""
    asked = {"reason": reason, "anyway": anyway}
    answer = call("POST", f"/v1/replicas/{replica}/drain", json=asked)
    conclude(Action.model_validate_json(answer.content), timeout if wait else None, as_json=as_json)


def quarantine(replica: Replica, reason: Reason, anyway: Anyway = False) -> None:
    """Take a replica out of the gateway at once, alive, to look at it, until it is released."""
    asked = {"reason": reason, "anyway": anyway}
    call("POST", f"/v1/replicas/{replica}/quarantine", json=asked)
    out.print(f"{replica} is quarantined: `pharos release {replica}` lets it back", markup=False)


def release(replica: Replica, reason: Reason) -> None:
    """Let a replica that was drained or quarantined back into the gateway."""
    call("POST", f"/v1/replicas/{replica}/release", json={"reason": reason})
    out.print(f"{replica} is back in the gateway", markup=False)


def _last(target: str) -> str:
    """Return the id of the target's last restart; ends the command when there was none."""
    answer = call("GET", "/v1/actions", params={"limit": NEWEST})
    actions = TypeAdapter(list[Action]).validate_json(answer.content)
    found = [each.id for each in actions if (each.kind, each.target) == ("restart", target)]
    if not found:
        end(WRONG_USAGE, f"{target} was not restarted lately: there is nothing to resume or abort")
    return found[0]
