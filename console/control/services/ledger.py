"""How each alert rule stands, as the chaos room prints it; asked again when it may be otherwise."""

import threading
import time

from pydantic import TypeAdapter, ValidationError

from console.control.drill_process import CHAOS, ChaosRoomError, ask_chaos
from console.control.errors import UnavailableError
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
                self._rows = self._ask()
                self._seen, self._seen_at = fingerprint, time.monotonic()
            return self._rows

    def _fingerprint(self) -> tuple[int, int] | None:
        try:
            stat = self._home.ledger_file.stat()
        except FileNotFoundError:
            return None
        return stat.st_mtime_ns, stat.st_size

    def _ask(self) -> list[LedgerRow]:
        try:
            return TypeAdapter(list[LedgerRow]).validate_json(ask_chaos("ledger", self._chaos))
        except ChaosRoomError as error:
            raise UnavailableError(str(error)) from error
        except ValidationError as error:
            raise UnavailableError(
                f"the ledger cannot be read ({error.error_count()} errors): "
                "run `pharos chaos ledger` to see it"
            ) from error
