"""Taking every fault back, wherever it is and whoever made it: what a halt does.

All places are asked side by side, so that one which hangs keeps no other from its end.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from backend.schemas.faults import Fault
from deploy.faults.client import FaultClient
from deploy.faults.errors import FaultClientError, FaultPortClosedError, UnknownFaultError

PATIENCE_SECONDS = 3.0
POLL = 0.02
# Shorter than the client's own: a process that is paused answers once its pause is taken back.
ANSWER_SECONDS = 1.0


class Swept(BaseModel):
    """What a sweep did: `reverted` and `left` are words with the place, `seconds` it took."""

    model_config = ConfigDict(frozen=True)

    reverted: list[str]
    left: list[str]
    seconds: float

    @property
    def words(self) -> str:
        """Say it on one line."""
        done = "nothing was injected"
        if self.reverted:
            done = f"taken back in {self.seconds:.1f} s: {', '.join(self.reverted)}"
        return f"{done}; left: {'; '.join(self.left)}" if self.left else f"{done}; nothing is left"


@dataclass(frozen=True, slots=True)
class Place:
    """Where faults are made. What is in a process ends with it; `outlives` is for what does not."""

    name: str
    client: FaultClient
    outlives: bool = False


def sweep(places: Sequence[Place], patience: float = PATIENCE_SECONDS) -> Swept:
    """Take everything back and read it back, for `patience` seconds at most."""
    started = time.monotonic()
    brooms = [_Broom(place) for place in places]
    if brooms:
        with ThreadPoolExecutor(len(brooms), thread_name_prefix="sweep") as pool:
            list(pool.map(lambda broom: broom.sweep(started + patience), brooms))
    return Swept(
        reverted=sorted({words for broom in brooms for words in broom.reverted}),
        left=sorted({words for broom in brooms for words in broom.left}),
        seconds=round(time.monotonic() - started, 3),
    )


@dataclass(slots=True)
class _Broom:
    """One place's: `left` is what was there when it was last looked at."""

    place: Place
    seen: dict[str, str] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    left: list[str] = field(default_factory=list)

    def sweep(self, until: float) -> None:
        while not self._clean() and time.monotonic() < until:
            time.sleep(POLL)

    @property
    def reverted(self) -> list[str]:
        return [words for fault_id, words in self.seen.items() if fault_id not in self.held]

    def _clean(self) -> bool:
        """Look, and take back what is there; returns whether nothing was."""
        try:
            found = self.place.client.read_back()
            self._note(found.faults, found.residue)
            if found.faults:
                self.place.client.revert_all()
        except UnknownFaultError:
            # A process without a fault port, in which nothing can have been made.
            self._note([], [])
        except FaultPortClosedError as error:
            self._closed(error)
        except FaultClientError as error:
            self.left = [f"{self.place.name}: {error}"]
        return not self.left

    def _note(self, faults: Sequence[Fault], residue: Sequence[str]) -> None:
        words = {fault.id: f"{fault.kind} at {fault.target or self.place.name}" for fault in faults}
        self.seen |= words
        self.held = set(words)
        self.left = [*words.values(), *residue]

    def _closed(self, error: FaultPortClosedError) -> None:
        if self.place.outlives:
            self.left = [f"{self.place.name}: {error}"]
        else:
            self._note([], [])
