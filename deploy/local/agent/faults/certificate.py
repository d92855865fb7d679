"""The gateway serves a certificate that ends soon, in the place of its own."""

import ssl
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from deploy.envoy.tls import named_certificate, pair_file, write_pair
from deploy.home import Home
from deploy.local.agent.faults.deed import UNDO_SECONDS, Arm
from deploy.local.agent.faults.leases import Lease
from deploy.local.agent.faults.refusals import NotRunningError
from deploy.local.servers.certificate import gateway_pair, write_pair_of
from deploy.local.servers.probe import HOST, TIMEOUT
from deploy.local.specs import running


class EndingCertificate:
    """`make` names a pair of its own in the file that the gateway watches, `undo` the right one."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._folder = home.run / "fault-certificate"

    def claim(self, lease: Lease) -> str:  # noqa: ARG002
        return "the gateway's certificate"

    def check(self, lease: Lease) -> None:
        """Refuse while there is no gateway.

        Raises:
            NotRunningError: it does not run.
        """
        if running(self._home, lease.target) is None:
            raise NotRunningError("the gateway does not run: `pharos status` says why")

    def make(self, lease: Lease, arm: Arm) -> Lease:  # noqa: ARG002
        self._folder.mkdir(mode=0o700, exist_ok=True)
        write_pair_of(self._home, *self._pair, timedelta(days=lease.arguments["days"]))
        write_pair(pair_file(self._home), *self._pair)
        return lease

    def missing(self, lease: Lease) -> str:  # noqa: ARG002
        return "" if self._served() else "the gateway still serves its own certificate"

    def keep(self, lease: Lease) -> None:  # noqa: ARG002
        if not self._named():
            write_pair(pair_file(self._home), *self._pair)

    def undo(self, lease: Lease) -> None:  # noqa: ARG002
        self._restore()

    def left(self, lease: Lease) -> str:
        if running(self._home, lease.target) is not None and self._served():
            return "the gateway still serves the certificate that ends soon"
        for path in self._pair:
            path.unlink(missing_ok=True)
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

    def _named(self) -> bool:
        return named_certificate(pair_file(self._home)) == self._pair[0]

    def _restore(self) -> None:
        if self._named():
            write_pair(pair_file(self._home), *gateway_pair(self._home))

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
