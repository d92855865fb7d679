"""Why a fault is not injected, renewed or found; the fault port makes answers of these."""


class FaultError(Exception):
    """The fault port's errors; the text says what to do."""


class FaultsForbiddenError(FaultError):
    """Nothing is injected in this environment."""


class FaultsHaltedError(FaultError):
    """The halt switch is on."""


class UnknownFaultError(FaultError):
    """No such fault is held; an expired one is never revived."""


class FaultConflictError(FaultError):
    """The id, or what would be made to fail, is taken."""


class UnservedFaultError(FaultError):
    """This process cannot do what is asked; `field` names what to change."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
