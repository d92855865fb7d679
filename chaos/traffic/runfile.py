"""Writes down each event that was acknowledged, for `pharos events verify`."""

from pathlib import Path
from types import TracebackType
from typing import Self

import orjson

from backend.schemas.runs import SentEvent


class RunFile:
    """One JSON object a line. What was gathered is written by `flush` and at the end."""

    def __init__(self, path: Path) -> None:
        """Raise `OSError` when the file cannot be made."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("xb")
        self._gathered: list[bytes] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.flush()
        self._file.close()

    def add(self, event: SentEvent) -> None:
        line = orjson.dumps(
            {"source": event.source, "id": event.id}, option=orjson.OPT_APPEND_NEWLINE
        )
        self._gathered.append(line)

    def flush(self) -> None:
        """Raise `OSError` when the disk takes no more."""
        self._file.write(b"".join(self._gathered))
        self._file.flush()
        self._gathered.clear()
