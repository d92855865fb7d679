"""The identity of the work at hand, carried along by the context.

Set once where work enters (a request, a delivery); every log line and error
report below it then carries the same id.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
_traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)


def request_id() -> str | None:
    """Return the id of the request or delivery at hand; None outside of one."""
    return _request_id.get()


def traceparent() -> str | None:
    """Return the W3C `traceparent` that came with it, if one did."""
    return _traceparent.get()


@contextmanager
def working_on(request: str | None, trace: str | None = None) -> Iterator[None]:
    """Mark everything inside the block as part of one request or delivery."""
    request_token, trace_token = _request_id.set(request), _traceparent.set(trace)
    try:
        yield
    finally:
        _request_id.reset(request_token)
        _traceparent.reset(trace_token)
