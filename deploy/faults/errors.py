"""What a fault's target may answer beside what was asked of it."""

from collections.abc import Sequence

from backend.schemas.problems import FieldError


class FaultClientError(Exception):
    """Base; the message is the target's own and says what to do."""


class FaultTargetAwayError(FaultClientError):
    """Nobody answered in time: whether it was done is not known. The lease ends it in any case."""


class FaultPortClosedError(FaultTargetAwayError):
    """Nobody listens there: its process has ended, or has not begun to serve."""


class NotSignedInError(FaultClientError):
    """The token is not the target's."""


class FaultsForbiddenError(FaultClientError):
    """The target's environment allows no faults."""


class UnknownFaultError(FaultClientError):
    """There is no such fault, or its lease has ended."""


class FaultRefusedError(FaultClientError):
    """Something is in the way: another fault, or nobody else who would serve."""


class FaultNotDoneError(FaultClientError):
    """The target could not do it now, or not in time; an undo goes on being tried there."""


class FaultUnfitError(FaultClientError):
    """What was asked for does not fit; `errors` name the fields."""

    def __init__(self, message: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.errors = list(errors)
