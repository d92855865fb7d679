"""The halt switch as it is seen where faults are: a file that is there while nothing may fail."""

import time
from pathlib import Path

# Whoever throws the switch also takes the faults back; this is for when nobody could.
LOOK_SECONDS = 0.5


class HaltSwitch:
    """`file` is the switch; a process that was told of none is never halted."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._looked_at = 0.0
        self._seen = False

    def on(self) -> bool:
        """Return whether it is on now. One that cannot be looked at counts as on."""
        if self._file is None:
            return False
        try:
            self._file.lstat()
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return True

    def seen(self) -> bool:
        """Return whether it is on, which may be noticed half a second late; its end never is."""
        now = time.monotonic()
        if self._seen or now - self._looked_at >= LOOK_SECONDS:
            self._looked_at, self._seen = now, self.on()
        return self._seen
