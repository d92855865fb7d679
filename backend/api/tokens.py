"""Who may write: service tokens, known by their digests, checked without a database."""

import hashlib
import hmac
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Request

from backend.api.problems import RequestRefusedError


class ServiceTokens:
    """The tokens of the settings: `name=sha256` a line."""

    def __init__(self, lines: str) -> None:
        """Read the lines.

        Raises:
            ValueError: a line is something else; the line itself is not shown.
        """
        self._digests: list[tuple[str, bytes]] = []
        for number, line in enumerate(lines.splitlines(), start=1):
            if not line.strip():
                continue
            name, _, digest = line.strip().partition("=")
            try:
                raw = bytes.fromhex(digest)
            except ValueError:
                raw = b""
            if not name or len(raw) != hashlib.sha256().digest_size:
                raise ValueError(f"service_tokens, line {number}: wants name=sha256 in hex")
            self._digests.append((name, raw))

    def name_of(self, token: str) -> str | None:
        """Return the name of the token's owner; the time taken tells nothing of the digests."""
        digest, found = hashlib.sha256(token.encode()).digest(), None
        for name, known in self._digests:
            if hmac.compare_digest(digest, known):
                found = name
        return found


def _authenticate(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    tokens: ServiceTokens = request.app.state.tokens
    name = tokens.name_of(token.strip()) if scheme.lower() == "bearer" else None
    if name is None:
        raise RequestRefusedError(
            HTTPStatus.UNAUTHORIZED,
            "unauthorized",
            "Writing needs a service token: Authorization: Bearer <token>.",
            headers={"www-authenticate": 'Bearer realm="pharos"'},
        )
    return name


async def _caller(request: Request) -> str:
    return _authenticate(request)


Caller = Annotated[str, Depends(_caller)]
