"""Where to look, and a link that signs one browser in."""

import os
import webbrowser
from dataclasses import dataclass

import httpx

from deploy.access import NoAccessError, control_access
from deploy.home import Home

TIMEOUT = 5.0


@dataclass(frozen=True, slots=True)
class SignIn:
    """A one-time link, or why there is none."""

    url: str | None
    problem: str | None = None


def sign_in(home: Home) -> SignIn:
    """Ask the control service for a one-time sign-in link, as the local operator."""
    try:
        access = control_access(home)
        answer = httpx.post(
            f"{access.url}/v1/sign-in-links",
            headers={"Authorization": f"Bearer {access.token}"},
            timeout=TIMEOUT,
            trust_env=False,
        )
        answer.raise_for_status()
        return SignIn(str(answer.json()["url"]))
    except httpx.TransportError:
        return SignIn(None, f"no link: the control service at {access.url} does not answer")
    except (NoAccessError, httpx.HTTPError, ValueError, KeyError) as error:
        return SignIn(None, f"no link: {error}")


def show_in_browser(url: str) -> bool:
    """Open a graphical browser where there is one; False where not."""
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    try:
        return webbrowser.open(url)
    except webbrowser.Error:
        return False
