"""Which replicas are put aside: one file each, so that any process can tell.

A drain may have an end. It is in seconds since boot, by a clock that nobody sets, so
that it is kept whoever dies; one of another boot is over.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from deploy.driver import Aside, AsideKind, Note
from deploy.home import Home
from deploy.local.launch import boot_id, uptime


class AsideRecord(BaseModel):
    """The contents of a file; `deadline` is null where only a person ends it."""

    model_config = ConfigDict(frozen=True)

    kind: AsideKind
    note: Note
    since: datetime
    boot: str
    deadline: float | None = None

    @property
    def over(self) -> bool:
        """True once it has ended by itself."""
        return self.deadline is not None and (self.boot != boot_id() or self.deadline <= uptime())

    def told(self, in_flight: int | None) -> Aside:
        """Return it in the driver's words."""
        left = None if self.deadline is None else timedelta(seconds=self.deadline - uptime())
        return Aside(
            kind=self.kind,
            by=self.note.by,
            reason=self.note.reason,
            since=self.since,
            until=None if left is None else datetime.now(UTC) + left,
            in_flight=in_flight,
        )


def put_aside(home: Home, name: str, kind: AsideKind, note: Note, seconds: float | None) -> None:
    """Write a replica's file in one step; who was drained already was so since then."""
    before = aside(home).get(name)
    kept = before is not None and before.kind == kind
    record = AsideRecord(
        kind=kind,
        note=note,
        since=before.since if before is not None and kept else datetime.now(UTC),
        boot=boot_id(),
        deadline=None if seconds is None else uptime() + seconds,
    )
    home.aside.mkdir(exist_ok=True)
    fresh = home.run / f".aside.{name}.{os.getpid()}"
    fresh.write_text(record.model_dump_json())
    fresh.replace(home.aside / name)


def put_back(home: Home, name: str) -> None:
    (home.aside / name).unlink(missing_ok=True)


def aside(home: Home) -> dict[str, AsideRecord]:
    """Return who is out of the gateway although alive, by replica; not those whose end came."""
    if not home.aside.exists():
        return {}
    found = {path.name: _read(path) for path in home.aside.iterdir()}
    return {name: record for name, record in found.items() if record and not record.over}


def _read(path: Path) -> AsideRecord | None:
    """Return None for what was removed just now; what nobody can read keeps its replica out."""
    try:
        return AsideRecord.model_validate_json(path.read_text())
    except FileNotFoundError:
        return None
    except ValidationError:
        since = datetime.now(UTC)
        note = Note(by="nobody known", reason=f"{path} cannot be read")
        return AsideRecord(kind="quarantine", note=note, since=since, boot=boot_id())
