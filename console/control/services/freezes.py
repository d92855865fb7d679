"""Freeze windows: a file in the home that people may write by hand, or an admin by these verbs."""

import os
import threading
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from alerts.document import BadDocumentError, read_document
from console.control.errors import ConflictError, NotFoundError, UnavailableError
from console.control.services.audit_log import Deed, State
from console.control.services.freeze_times import holds_until, in_words
from console.control.services.records import Records
from console.guard_schemas import Freeze, FreezeWindow

MARK = "# Times in which no drill starts: `pharos chaos freeze --help`.\n"


def _named_once(windows: list[FreezeWindow]) -> list[FreezeWindow]:
    names = [window.name for window in windows]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name} stands twice: give one of them another name")
    return windows


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    windows: Annotated[list[FreezeWindow], AfterValidator(_named_once)] = Field(
        default_factory=list
    )


class Freezes:
    """Reads the file each time that it is asked: what is written by hand holds at once."""

    def __init__(self, path: Path, records: Records) -> None:
        self._path = path
        self._records = records
        self._writing = threading.Lock()

    def all(self) -> list[Freeze]:
        """Return every window, and until when those that hold now do.

        Raises:
            UnavailableError: the file cannot be read; the message names the line.
        """
        now = self._records.clock()
        return [
            Freeze(**window.model_dump(), holds_until=holds_until(window, now))
            for window in self._read()
        ]

    def add(self, actor: str, window: FreezeWindow) -> Freeze:
        """Add a window.

        Raises:
            ConflictError: there is one of that name.
            UnavailableError: the file cannot be read.
        """
        deed = Deed(actor, "freeze-add", window.name, window.reason)
        with self._writing, self._records.audit.guarding(deed):
            windows = self._read()
            if window.name in [each.name for each in windows]:
                raise ConflictError(f"There is a freeze window {window.name}: remove it first.")
            self._write([*windows, window])
        self._record(deed.changing(None, _state(window)), in_words(window))
        return next(each for each in self.all() if each.name == window.name)

    def remove(self, actor: str, name: str, reason: str) -> None:
        """Remove a window; raises NotFoundError, or UnavailableError as `add` does."""
        deed = Deed(actor, "freeze-remove", name, reason)
        with self._writing, self._records.audit.guarding(deed):
            windows = self._read()
            found = next((each for each in windows if each.name == name), None)
            if found is None:
                known = ", ".join(each.name for each in windows) or "none"
                raise NotFoundError(f"There is no freeze window {name}: known are {known}.")
            self._write([each for each in windows if each is not found])
        self._record(deed.changing(_state(found), None), f"was {in_words(found)}")

    def _record(self, deed: Deed, words: str) -> None:
        self._records.audit.record(deed, "done", words)

    def _read(self) -> list[FreezeWindow]:
        try:
            document = read_document(self._path)
            return _File.model_validate(document.content or {}).windows
        except FileNotFoundError:
            return []
        except (OSError, BadDocumentError) as error:
            raise _unreadable(error) from error
        except ValidationError as error:
            faults = document.told(document.faults_of(error, ""))
            raise _unreadable("; ".join(faults)) from error

    def _write(self, windows: list[FreezeWindow]) -> None:
        rows = [
            window.model_dump(mode="json", by_alias=True, exclude_defaults=True)
            for window in windows
        ]
        text = MARK + yaml.safe_dump({"windows": rows}, sort_keys=False, allow_unicode=True)
        fresh = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        with fresh.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)


def _state(window: FreezeWindow) -> State:
    return {"window": in_words(window), "reason": window.reason}


def _unreadable(why: object) -> UnavailableError:
    return UnavailableError(f"The freeze windows cannot be read: {why}")
