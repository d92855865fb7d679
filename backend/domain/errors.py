"""What can go wrong, by name. Raised inside, translated once at each edge."""


class PharosError(Exception):
    """The base of every error that is expected; the message is meant for the caller.

    `field` is the part of the request that it is about, where only who raises it knows.
    """

    field: str | None = None


class DependencyUnavailableError(PharosError):
    """Something that is needed does not answer; trying again later makes sense.

    `dependency` is postgres, redis or rabbitmq; `retry_after` is in seconds.
    `away` tells an outage from a queue that is merely too long: a breaker that
    opened for the latter would turn a busy moment into an outage of its own.
    """

    away = True

    def __init__(self, dependency: str, detail: str, retry_after: float = 1.0) -> None:
        super().__init__(detail)
        self.dependency = dependency
        self.retry_after = retry_after


class DatabaseUnavailableError(DependencyUnavailableError):
    """PostgreSQL does not answer.

    Whether a write under way took effect is unknown; repeating it is safe
    where the request carries an identity.
    """

    def __init__(self, detail: str = "The database does not answer.") -> None:
        super().__init__("postgres", detail)


class DatabaseBusyError(DatabaseUnavailableError):
    """PostgreSQL answers, but not this one in time: no free connection, a lock, a slow statement.

    Nothing was done.
    """

    away = False

    def __init__(self, detail: str = "The database is too busy.") -> None:
        super().__init__(detail)


class CacheUnavailableError(DependencyUnavailableError):
    """Redis is away or too slow; PostgreSQL has the truth."""

    def __init__(self, detail: str = "The cache does not answer.") -> None:
        super().__init__("redis", detail)


class UnknownUserError(PharosError):
    """No such user, or no longer."""


class DuplicateEmailError(PharosError):
    """Another user has that address."""


class IdempotencyMisuseError(PharosError):
    """An Idempotency-Key came again with another request."""


class BadCursorError(PharosError):
    """A cursor that this API did not give out."""


class UnstorableEventError(PharosError):
    """The event is well formed, but cannot be kept as it is; the message says why."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
