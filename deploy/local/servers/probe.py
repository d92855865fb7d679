"""One bounded question to a server of this machine: what the health checks and the agent share."""

import http.client
import json
import socket
from base64 import b64encode
from collections.abc import Callable
from typing import Any

from deploy.local.component import Health

HOST = "127.0.0.1"
# A check may block for a second in all; some ask twice.
TIMEOUT = 0.45


class NotHealthyError(Exception):
    """The server answered, and the answer is not the one of a healthy server."""


def healthy(question: Callable[[], str | None]) -> Health:
    """Ask; `question` returns the server's version, if it knows it.

    What a server that is down, starting or broken does to the connection
    becomes the answer's words.
    """
    try:
        return Health(ok=True, version=question())
    except NotHealthyError as error:
        return Health(ok=False, detail=str(error))
    except (OSError, http.client.HTTPException, ValueError, LookupError) as error:
        return Health(ok=False, detail=f"does not answer: {error or type(error).__name__}")


def exchange(port: int, request: bytes) -> bytes:
    """Send bytes and return the first answer (up to 64 KiB).

    Raises:
        OSError: no connection, or no answer in time.
    """
    with socket.create_connection((HOST, port), timeout=TIMEOUT) as connection:
        connection.sendall(request)
        return connection.recv(65536)


def get_text(port: int, path: str, password: str | None = None) -> str:
    """Return the body of a 200 answer; `password` signs in as the stack's user.

    Raises:
        NotHealthyError: any other status.
        OSError: no connection, or no answer in time.
    """
    headers = {}
    if password is not None:
        headers["Authorization"] = "Basic " + b64encode(f"pharos:{password}".encode()).decode()
    return _answer("GET", port, path, headers)


def post(port: int, path: str) -> None:
    """Ask for something to be done, without a body; raises as `get_text` does."""
    _answer("POST", port, path, {})


def _answer(method: str, port: int, path: str, headers: dict[str, str]) -> str:
    connection = http.client.HTTPConnection(HOST, port, timeout=TIMEOUT)
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        body = response.read().decode(errors="replace")
    finally:
        connection.close()
    if response.status != 200:
        raise NotHealthyError(f"{method} {path} answered {response.status}: {body.strip()[:200]}")
    return body


def get_json(port: int, path: str, password: str | None = None) -> Any:
    """Return the JSON of a 200 answer; raises as `get_text` does, and ValueError."""
    return json.loads(get_text(port, path, password))
