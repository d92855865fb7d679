"""What only browsers need: which pages may speak for their cookie, and where they may be sent."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from deploy.home import Home

HOSTS = ("127.0.0.1", "localhost")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Other sites cannot set a header of their own without asking first, and are never allowed to.
OWN_HEADER = "x-pharos-client"


class Neighbourhood:
    """The origins of one stack: its control service and its console."""

    def __init__(self, home: Home) -> None:
        self._console_port = home.ports["console"]
        self._control_port = home.ports["control"]
        self.consoles = _origins(self._console_port)
        self._own = frozenset((*self.consoles, *_origins(self._control_port)))

    @property
    def control(self) -> str:
        return f"http://{HOSTS[0]}:{self._control_port}"

    def is_foreign(self, headers: Mapping[str, str]) -> bool:
        """Tell whether a browser says that another site's page sent this request."""
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is not None:
            return origin not in self._own
        return site is not None and site not in ("same-origin", "none")

    def may_use_cookie(self, method: str, headers: Mapping[str, str]) -> bool:
        """Tell whether a request may act by its cookie alone: unsafe ones need proof."""
        if method in SAFE_METHODS or OWN_HEADER in headers:
            return True
        shows_origin = "origin" in headers or "sec-fetch-site" in headers
        return shows_origin and not self.is_foreign(headers)

    def console(self, host: str | None) -> str:
        """Return the console's URL on the host by which the browser knows this machine."""
        name = host if host in HOSTS else HOSTS[0]
        return f"http://{name}:{self._console_port}/"

    def destination(self, wanted: str | None, host: str | None) -> str:
        """Return where to go after signing in: within the console, whatever was asked for.

        The path is put together anew, so that no spelling leads elsewhere.
        """
        start = self.console(host)
        try:
            parts = urlsplit(wanted or "")
        except ValueError:
            return start
        origin = f"{parts.scheme}://{parts.netloc}" if parts.scheme or parts.netloc else None
        if origin is not None and origin not in self.consoles:
            return start
        base = f"{origin}/" if origin else start
        path = parts.path.replace("\\", "/").lstrip("/")
        query = f"?{parts.query}" if parts.query else ""
        return f"{base}{path}{query}" if (path + query).isprintable() else start


def _origins(port: int) -> tuple[str, ...]:
    return tuple(f"http://{host}:{port}" for host in HOSTS)
