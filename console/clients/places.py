"""Where the console finds its sources: the local stack's, unless the environment says otherwise."""

import os
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from deploy.home import Home

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class Places:
    """Base URLs without a trailing slash, and the name of this stack's cookie."""

    control: str
    prometheus: str
    cookie: str

    @classmethod
    def from_environment(cls) -> "Places":
        """Read `PHAROS_URL` and `PHAROS_PROMETHEUS_URL`; the local stack's own where unset.

        Raises:
            ValueError: `PHAROS_PORT_BASE` is not a usable number.
        """
        home = Home.from_environment()
        return cls(
            control=_base("PHAROS_URL", home.ports["control"]),
            prometheus=_base("PHAROS_PROMETHEUS_URL", home.ports["prometheus"]),
            cookie=f"pharos_{home.stack_id}",
        )

    def sign_in(self, page: str) -> str:
        """Return the link that signs in and leads back to `page`.

        The cookie belongs to a host, so a local link takes the host of the page:
        somebody who came by `localhost` would not be recognised after signing in
        at `127.0.0.1`.
        """
        return f"{self._beside(page)}/sign-in?{urlencode({'next': page})}"

    def reports(self, page: str) -> str:
        """Return the link under which a run's name finds its report, for a browser at `page`."""
        return f"{self._beside(page)}/v1/reports"

    def _beside(self, page: str) -> str:
        """Return the control service's URL as a browser at `page` has its cookie for it."""
        control, shown = urlsplit(self.control), urlsplit(page)
        if control.hostname in LOOPBACK and shown.hostname in LOOPBACK:
            host = f"[{shown.hostname}]" if ":" in (shown.hostname or "") else shown.hostname
            control = control._replace(netloc=f"{host}:{control.port}")
        return control.geturl()


def _base(variable: str, port: int) -> str:
    return (os.environ.get(variable) or f"http://127.0.0.1:{port}").rstrip("/")
