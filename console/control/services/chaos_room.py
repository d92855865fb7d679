"""Lists that the chaos room prints as JSON, in shapes of this room's own."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from console.control.drill_process import CHAOS, ChaosRoomError, ask_chaos
from console.control.errors import UnavailableError

Row = TypeVar("Row", bound=BaseModel)


class Listed(Generic[Row]):
    """A list that the chaos room prints as JSON; asked again when it may be otherwise.

    That is when `fingerprint` gives something else, or after `max_age` seconds, since
    a part of the answer may change without it.
    """

    def __init__(
        self,
        arguments: tuple[str, ...],
        shape: type[Row],
        fingerprint: Callable[[], object],
        chaos: tuple[str, ...] = CHAOS,
        max_age: float = float("inf"),
    ) -> None:
        self._arguments = arguments
        self._shape = shape
        self._fingerprint = fingerprint
        self._chaos = chaos
        self._max_age = max_age
        self._asking = threading.Lock()
        self._seen: object = None
        self._seen_at = float("-inf")
        self._rows: list[Row] = []

    def rows(self) -> list[Row]:
        """Return the list.

        Raises:
            UnavailableError: it did not print one that can be read.
        """
        with self._asking:
            now, fingerprint = time.monotonic(), self._fingerprint()
            if fingerprint != self._seen or now - self._seen_at >= self._max_age:
                self._rows = self._asked()
                self._seen, self._seen_at = fingerprint, now
            return self._rows

    def _asked(self) -> list[Row]:
        verb = self._arguments[0]
        try:
            printed = ask_chaos((*self._arguments, "--json"), self._chaos)
            return TypeAdapter(list[self._shape]).validate_json(printed)  # type: ignore[name-defined]
        except ChaosRoomError as error:
            raise UnavailableError(str(error)) from error
        except ValidationError as error:
            raise UnavailableError(
                f"what `pharos chaos {verb}` prints cannot be read ({error.error_count()} errors): "
                "run it to see"
            ) from error
