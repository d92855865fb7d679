"""How each alert rule stands, as the chaos room prints it."""

from console.control.drill_process import CHAOS
from console.control.services.chaos_room import Listed
from console.ledger_schemas import LedgerRow
from deploy.home import Home

# Which rules are loaded, and what has expired, changes without the ledger's file.
MAX_AGE = 60.0


class Ledger:
    def __init__(self, home: Home, chaos: tuple[str, ...] = CHAOS) -> None:
        self._home = home
        self._listed = Listed(("ledger",), LedgerRow, self._fingerprint, chaos, MAX_AGE)

    def rows(self) -> list[LedgerRow]:
        """Return every alert rule, in the rules' order.

        Raises:
            UnavailableError: the chaos room did not print a ledger that can be read.
        """
        return self._listed.rows()

    def _fingerprint(self) -> tuple[int, int]:
        try:
            stat = self._home.ledger_file.stat()
        except FileNotFoundError:
            return 0, 0
        return stat.st_mtime_ns, stat.st_size
