"""Notices a new release: the control service's own start is what a deploy always brings."""

from pathlib import Path

from console.control.annotations import Annotations
from console.control.services.clock import Clock


class Releases:
    """Remembers in a file of the home which release ran last."""

    def __init__(self, file: Path, annotations: Annotations, clock: Clock) -> None:
        self._file = file
        self._annotations = annotations
        self._clock = clock

    def started(self, release: str) -> None:
        """Mark a deploy if `release` is not what ran before; call it once, at the start."""
        before = self._file.read_text() if self._file.exists() else ""
        if before == release:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(release)
        now = self._clock()
        words = f"release {before} → {release}" if before else f"release {release}, the first here"
        self._annotations.draw("deploy", words, now, now)
