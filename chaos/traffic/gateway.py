"""The client of the gateway: one request, one answer, and nothing tried again.

aiohttp repeats an idempotent request on its own when a kept connection turns
out to be dead. A generator that does so hides what it is there to find, so it
is off: what is retried is retried by the gateway, and counted.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson

ATTEMPTS_HEADER = "x-envoy-attempt-count"
ANSWER_WITHIN = 30.0
# Fewer than Envoy's 1,024 and than the usual limit of open files; what waits for
# a connection waits within its own latency.
CONNECTIONS = 500


class UnansweredError(Exception):
    """No answer came; the message says what came instead."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: its status and its body as it came."""

    status: int
    body: bytes
    reason: str

    def json(self) -> Any:
        """Raise `ValueError` when the body is no JSON."""
        return orjson.loads(self.body)

    def problem(self) -> str:
        """Return status and title, to group failures by; of a server's error, also what it says.

        What a caller did wrong is told in words that differ from request to request.
        """
        try:
            document = self.json()
        except ValueError:
            document = None
        told = document if isinstance(document, dict) else {}
        words = f"{self.status} {told.get('title') or self.reason}"
        if self.status >= HTTPStatus.INTERNAL_SERVER_ERROR and "detail" in told:
            return f"{words}: {told['detail']}"
        return words


class Gateway:
    """Speaks to one gateway with one service token. `retried` counts attempts beyond the first."""

    def __init__(self, url: str, token: str, *, answer_within: float = ANSWER_WITHIN) -> None:
        self.retried = 0
        self._url = url
        self._within = answer_within
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=15),
            timeout=aiohttp.ClientTimeout(total=answer_within),
            headers={"authorization": f"Bearer {token}", "user-agent": "pharos-load"},
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self._session._retry_connection = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        """Raise `UnansweredError` when no answer came."""
        return await self._request("GET", path, query=query)

    async def post(
        self, path: str, document: object, media_type: str, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Raise `UnansweredError` when no answer came."""
        fields = {"content-type": media_type, **(headers or {})}
        return await self._request("POST", path, body=orjson.dumps(document), headers=fields)

    async def _request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        try:
            async with self._session.request(
                method,
                self._url + path,
                params=query,
                data=body,
                headers=headers,
                allow_redirects=False,
            ) as response:
                self.retried += _attempts(response.headers) - 1
                return Answer(response.status, await response.read(), response.reason or "")
        except TimeoutError:
            raise UnansweredError(f"no answer within {self._within:g} s") from None
        except aiohttp.ClientConnectorError as error:
            raise UnansweredError(f"no connection: {_words(error.os_error)}") from error
        except (aiohttp.ClientError, OSError) as error:
            raise UnansweredError(f"connection lost: {type(error).__name__}") from error


def _words(error: OSError) -> str:
    """Return the system's words: the event loop's own name the address once more."""
    return os.strerror(error.errno).lower() if error.errno else type(error).__name__


def _attempts(headers: Mapping[str, str]) -> int:
    text = headers.get(ATTEMPTS_HEADER, "1")
    return max(int(text), 1) if text.isdecimal() else 1
