"""Why the agent makes no fault, or could not end one; each message says what to do."""

from collections.abc import Sequence

from backend.schemas.problems import FieldError


class FaultError(Exception):
    """Base: `status` and `title` are those of the answer."""

    status = 500
    title = "The fault was not made"


class UnfitError(FaultError):
    """The body does not fit; `errors` name the fields."""

    status = 422
    title = "The body does not fit"

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = list(errors)


class ForbiddenHereError(FaultError):
    """No fault may be made in this environment."""

    status = 403
    title = "No faults here"


class HaltedError(FaultError):
    """The halt switch is on."""

    status = 409
    title = "Faults are halted"


class UnknownFaultError(FaultError):
    """There is no such fault, or its lease has ended."""

    status = 404
    title = "No such fault"


class OverlapError(FaultError):
    """Another fault holds the target, or the id."""

    status = 409
    title = "Another fault is in the way"


class LastReplicaError(FaultError):
    """Nobody would be left to serve."""

    status = 409
    title = "The last ready replica"


class NotRunningError(FaultError):
    """There is no process that it could be done to."""

    status = 409
    title = "The target does not run"


class NoFaultProxyError(FaultError):
    """The stack has no fault proxy."""

    status = 409
    title = "No fault proxy"


class NoBackstopError(FaultError):
    """No backstop stands: nobody would end the fault if the agent died."""

    status = 503
    title = "No backstop"


class NobodyRestartsError(FaultError):
    """The supervisor is away: what ends now would stay so."""

    status = 503
    title = "The supervisor is away"


class NotInEffectError(FaultError):
    """The target did not take the fault, which is being undone."""

    status = 503
    title = "The fault did not take effect"


class NotRevertedError(FaultError):
    """The undo has not come to its end; it goes on being tried."""

    status = 503
    title = "The fault is not gone yet"
