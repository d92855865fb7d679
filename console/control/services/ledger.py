"""How each alert rule stands, as the chaos room prints it; asked again when it may be otherwise."""

import threading
import time

from console.control.drill_process import CHAOS
from console.control.services.chaos_room import ask_for
from console.ledger_schemas import LedgerRow
from deploy.home import Home

# Which rules are loaded, and what has expired, changes without the ledger's file.
MAX_AGE = 60.0


class Ledger:
    def __init__(self, home: Home, chaos: tuple[str, ...] = CHAOS) -> None:
        self._home = home
        self._chaos = chaos
        self._asking = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._seen_at = 0.0
        self._rows: list[LedgerRow] | None = None

    def rows(self) -> list[LedgerRow]:
        """Return every alert rule, in the rules' order.

        Raises:
            UnavailableError: the chaos room did not print a ledger that can be read.
        """
        with self._asking:
            fingerprint = self._fingerprint()
            old = time.monotonic() - self._seen_at >= MAX_AGE
            if self._rows is None or old or fingerprint != self._seen:
                self._rows = ask_for("ledger", LedgerRow, self._chaos)
                self._seen, self._seen_at = fingerprint, time.monotonic()
            return self._rows

    def _fingerprint(self) -> tuple[int, int] | None:
        try:
            stat = self._home.ledger_file.stat()
        except FileNotFoundError:
            return None
        return stat.st_mtime_ns, stat.st_size
