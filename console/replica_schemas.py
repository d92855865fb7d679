"""The shapes of what is asked for of replicas: restarts, drains, quarantines."""

from console.reason_schemas import Reason
from console.schemas import Request


class RestartRequest(Request):
    """`target` is a role, or one of its replicas.

    `anyway` goes on although one replica less would not carry the present load.
    """

    target: str
    reason: Reason
    anyway: bool = False


class AsideRequest(Request):
    """Why a replica is to be put aside; `anyway` as for a restart."""

    reason: Reason
    anyway: bool = False
