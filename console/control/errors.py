"""What can go wrong in the control service; `problems` says it in HTTP, once.

Each message names what is wrong and what to do about it: it is shown as it is.
"""

from console.guard_schemas import GuardAnswer


class ControlError(Exception):
    """Base of everything that the control service says no with."""


class NotSignedInError(ControlError):
    """Nobody is known to be asking."""


class NotAllowedError(ControlError):
    """Known, but this role, token or request may not do this; nothing was changed."""


class NotFoundError(ControlError):
    """No such role, action, experiment, drill or person."""


class ConflictError(ControlError):
    """It is there already."""


class RefusedError(ControlError):
    """A guard said no; nothing was changed."""


class GuardsRefusedError(RefusedError):
    """Guards keep a drill from starting: every one that does, with its reason and remedy."""

    def __init__(self, guards: list[GuardAnswer]) -> None:
        super().__init__(" ".join(f"{each.guard}: {each.reason} {each.remedy}" for each in guards))
        self.guards = guards


class InvalidError(ControlError):
    """One field of the request cannot be used."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class TooManyAttemptsError(ControlError):
    """Sign-in is closed for a name or an address, `closed`, for `retry_after` seconds."""

    def __init__(self, message: str, retry_after: int, closed: str) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.closed = closed


class UnavailableError(ControlError):
    """A part that is needed for this does not answer; nothing was changed."""


class FailedError(ControlError):
    """It was tried, and did not work."""
