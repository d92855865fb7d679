"""The client of whatever makes faults under a lease: the node agent, or a replica's ops port."""

import ssl
from functools import cache
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from backend.schemas.faults import DEFAULT_LEASE, Fault, Faults, Injection, Renewal, Reverted
from backend.schemas.problems import Problem
from deploy.faults.errors import (
    FaultClientError,
    FaultNotDoneError,
    FaultPortClosedError,
    FaultRefusedError,
    FaultsForbiddenError,
    FaultTargetAwayError,
    FaultUnfitError,
    NotSignedInError,
    UnknownFaultError,
)

Shape = TypeVar("Shape", bound=BaseModel)

# A target answers a revert within 3 s.
TIMEOUT = 5.0
# An injection within about 2, but the agent's first: it waits until its backstop stands.
INJECT_TIMEOUT = 20.0
ERRORS: dict[int, type[FaultClientError]] = {
    401: NotSignedInError,
    403: FaultsForbiddenError,
    404: UnknownFaultError,
    409: FaultRefusedError,
    503: FaultNotDoneError,
}


class FaultClient:
    """Blocking; safe to share between threads. Every call raises FaultClientError or a kind of it.

    `base_url` is `http://HOST:PORT` of the target, `token` the one that opens its fault port.
    Each call may be repeated: the same id is the same fault.
    """

    def __init__(self, base_url: str, token: str, timeout: float = TIMEOUT) -> None:
        self._timeout = timeout
        self._client = httpx.Client(
            base_url=base_url,
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
            verify=_trusted(),
        )

    def __enter__(self) -> "FaultClient":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def inject(self, injection: Injection) -> Fault:
        """Make a fault, or renew the same one that is there already."""
        body = injection.model_dump(mode="json", exclude_none=True)
        return _read(Fault, self._call("POST", "/v1/faults", body, INJECT_TIMEOUT))

    def renew(self, fault_id: str, lease_seconds: float = DEFAULT_LEASE) -> Fault:
        """Let a fault last so many seconds from now; one whose lease has ended stays ended."""
        body = Renewal(lease_seconds=lease_seconds).model_dump()
        path = f"/v1/faults/{quote(fault_id, safe='')}/renewal"
        return _read(Fault, self._call("POST", path, body))

    def revert(self, fault_id: str) -> None:
        """Take a fault back; one that is gone already is as good."""
        self._call("DELETE", f"/v1/faults/{quote(fault_id, safe='')}")

    def revert_all(self) -> list[str]:
        """Take every fault of the target back; returns the ids of those that are gone."""
        return _read(Reverted, self._call("DELETE", "/v1/faults")).reverted

    def read_back(self) -> Faults:
        """Return what is injected, and what is left although no lease holds it."""
        return _read(Faults, self._call("GET", "/v1/faults"))

    def _call(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        timeout: float | None = None,
    ) -> bytes:
        try:
            answer = self._client.request(method, path, json=body, timeout=timeout or self._timeout)
        except httpx.ConnectError as error:
            raise FaultPortClosedError(f"nobody listens at {self._client.base_url}") from error
        except httpx.TransportError as error:
            where = self._client.base_url
            raise FaultTargetAwayError(f"{where} does not answer: {error!r}") from error
        if answer.is_success:
            return answer.content
        raise _error(answer)


@cache
def _trusted() -> ssl.SSLContext:
    """Read the machine's certificates once: a halt makes a client for each process of the stack."""
    return httpx.create_ssl_context(trust_env=False)


def _read(shape: type[Shape], body: bytes) -> Shape:
    try:
        return shape.model_validate_json(body)
    except ValidationError as error:
        raise FaultClientError(f"the answer is no {shape.__name__}: {error}") from error


def _error(answer: httpx.Response) -> FaultClientError:
    try:
        problem = Problem.model_validate_json(answer.content)
    except ValidationError:
        words = f"{answer.request.url} answered {answer.status_code}, and no problem document"
        return FaultClientError(words)
    if answer.status_code == 422:
        return FaultUnfitError(problem.detail, problem.errors)
    return ERRORS.get(answer.status_code, FaultClientError)(problem.detail)
