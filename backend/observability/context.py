"""The identity of the work at hand, carried along by the context.

Set once where work enters (a request, a delivery); every log line, error report
and message below it then carries the same request id and trace.
"""

from contextvars import ContextVar, Token
from types import TracebackType

from backend.observability.traceparent import split

# A request's id and its `traceparent`, in one variable: it is set and reset with every request.
Identity = tuple[str | None, str | None]
_work: ContextVar[Identity] = ContextVar("work", default=(None, None))


def at_hand() -> Identity:
    """Return the request id and the `traceparent` of the work at hand, in one look."""
    return _work.get()


def request_id() -> str | None:
    """Return the id of the request or delivery at hand; None outside of one."""
    return _work.get()[0]


def traceparent() -> str | None:
    """Return the W3C `traceparent` of the span at hand: what goes along to whoever is called."""
    return _work.get()[1]


def trace_id() -> str | None:
    """Return the trace of the work at hand, 32 hex digits."""
    parts = split(_work.get()[1])
    return parts.trace_id if parts else None


def span_id() -> str | None:
    """Return the span of the work at hand, 16 hex digits."""
    parts = split(_work.get()[1])
    return parts.span_id if parts else None


class working_on:  # noqa: N801  it is used as a statement
    """Mark everything inside the block as part of one request or delivery and of one span."""

    __slots__ = ("_token", "_work")

    def __init__(self, request: str | None, trace: str | None = None) -> None:
        self._work = (request, trace)

    def __enter__(self) -> None:
        self._token: Token[Identity] = _work.set(self._work)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _work.reset(self._token)
