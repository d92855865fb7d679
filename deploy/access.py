"""Which control service the command line speaks to, and with what token."""

import os
from dataclasses import dataclass

from deploy.home import Home
from deploy.secrets import read_secret


class NoAccessError(Exception):
    """There is no token to act with; the message says how to get one."""


@dataclass(frozen=True, slots=True)
class Access:
    """A control service's base URL and a bearer token for it."""

    url: str
    token: str


def control_access(home: Home) -> Access:
    """Return `PHAROS_URL` and `PHAROS_TOKEN`, or the local stack's own.

    Raises:
        NoAccessError: neither is there, or an URL is given without a token.
    """
    url = os.environ.get("PHAROS_URL")
    token = os.environ.get("PHAROS_TOKEN")
    if url and not token:
        raise NoAccessError("PHAROS_URL is set without PHAROS_TOKEN: set both or neither")
    if token is None:
        try:
            token = read_secret(home.keys, "operator_token")
        except FileNotFoundError:
            raise NoAccessError("no stack has been started here: run `pharos up` first") from None
        except PermissionError:
            raise NoAccessError(
                f"{home.keys} belongs to another user: run as that user, "
                "or set PHAROS_URL and PHAROS_TOKEN"
            ) from None
    return Access((url or f"http://127.0.0.1:{home.ports['control']}").rstrip("/"), token)
