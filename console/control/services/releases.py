"""Notices a new release: the control service's own start is what a deploy always brings."""

from pathlib import Path

from console.control.services.audit_log import Deed
from console.control.services.records import Records

# Nobody signs in for a deploy: what is known is that the service came up as another one.
ACTOR = "stack"


class Releases:
    """Remembers in a file of the home which release ran last."""

    def __init__(self, file: Path, records: Records) -> None:
        self._file = file
        self._records = records

    def started(self, release: str) -> None:
        """Mark a deploy if `release` is not what ran before; call it once, at the start."""
        before = self._file.read_text() if self._file.exists() else ""
        if before == release:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(release)
        now = self._records.clock()
        words = f"release {before} → {release}" if before else f"release {release}, the first here"
        deed = Deed(ACTOR, "deploy", "pharos", "the control service started", accepted_at=now)
        self._records.audit.record(deed, "done", words)
        self._records.annotations.draw("deploy", words, now, now)
