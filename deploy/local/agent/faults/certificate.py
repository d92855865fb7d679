"""The gateway serves a certificate that ends soon, in the place of its own."""

import ssl
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from deploy.envoy.tls import named_pair, pair_file, write_pair
from deploy.home import Home
from deploy.local.agent.faults.deed import UNDO_SECONDS, Arm
from deploy.local.agent.faults.leases import Lease
from deploy.local.agent.faults.running import require_gateway
from deploy.local.servers.certificate import write_pair_of
from deploy.local.servers.probe import HOST, TIMEOUT
from deploy.local.specs import running


class EndingCertificate:
    """`make` names a pair of its own in the file that the gateway watches, `undo` the right one.

    Which that is, is kept beside its own pair: this process does not know its owner's settings.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._folder = home.run / "fault-certificate"

    def claim(self, lease: Lease) -> str:  # noqa: ARG002
        return "the gateway's certificate"

    def check(self, lease: Lease) -> None:  # noqa: ARG002
        """Refuse while there is no gateway.

        Raises:
            NotRunningError: it does not run.
        """
        require_gateway(self._home)

    def make(self, lease: Lease, arm: Arm) -> Lease:  # noqa: ARG002
        self._folder.mkdir(mode=0o700, exist_ok=True)
        write_pair_of(self._home, *self._pair, timedelta(days=lease.arguments["days"]))
        self.keep(lease)
        return lease

    def missing(self, lease: Lease) -> str:  # noqa: ARG002
        return "" if self._served() else "the gateway still serves its own certificate"

    def keep(self, lease: Lease) -> None:  # noqa: ARG002
        named = named_pair(pair_file(self._home))
        if named is not None and named != self._pair:
            write_pair(self._right, *named)
            write_pair(pair_file(self._home), *self._pair)

    def undo(self, lease: Lease) -> None:  # noqa: ARG002
        self._restore()

    def left(self, lease: Lease) -> str:
        if running(self._home, lease.target) is not None and self._served():
            return "the gateway still serves the certificate that ends soon"
        return ""

    def patience(self, lease: Lease) -> float:  # noqa: ARG002
        return UNDO_SECONDS

    def words(self, lease: Lease) -> str:
        days = lease.arguments["days"]
        return self.missing(lease) or f"the gateway serves a certificate of {days} days"

    def residue(self, held: Sequence[Lease]) -> list[str]:
        asked = any(lease.kind == "certificate" for lease in held)
        loose = self._named() and not asked
        return ["the gateway is to serve a certificate that ends soon"] if loose else []

    def sweep(self, held: Sequence[Lease]) -> None:
        if self.residue(held):
            self._restore()

    @property
    def _pair(self) -> tuple[Path, Path]:
        return self._folder / "ending.crt", self._folder / "ending.key"

    @property
    def _right(self) -> Path:
        return self._folder / "right.json"

    def _named(self) -> bool:
        return named_pair(pair_file(self._home)) == self._pair

    def _restore(self) -> None:
        right = named_pair(self._right)
        if self._named() and right is not None:
            write_pair(pair_file(self._home), *right)

    def _served(self) -> bool:
        """Ask the gateway, as a new client, whether it serves the certificate that ends soon.

        Raises:
            OSError: it does not answer.
        """
        try:
            mine = ssl.PEM_cert_to_DER_cert(self._pair[0].read_text())
        except FileNotFoundError:
            return False
        address = (HOST, self._home.ports["gateway-tls"])
        served = ssl.get_server_certificate(address, timeout=TIMEOUT)
        return ssl.PEM_cert_to_DER_cert(served) == mine
