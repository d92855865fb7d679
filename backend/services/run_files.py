"""The file that a load run leaves: one accepted event a line."""

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from backend.schemas.runs import SentEvent

_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class UnknownRunError(Exception):
    """There is no such run, or its file cannot be read; the message says what to do."""


def run_file(home: Path, run: str) -> Path:
    """Return the file of a run.

    Raises:
        UnknownRunError: not the name of a run, or no file of that name.
    """
    path = home / "runs" / f"{run}.jsonl"
    if not _RUN.fullmatch(run) or not path.is_file():
        raise UnknownRunError(f"there is no run {run!r}: {home / 'runs'} has one file a run")
    return path


def sent_identities(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (source, id) of each event, one line read at a time.

    A last line without its end is left out: its writer was killed, and could
    not have told anybody of it.

    Raises:
        UnknownRunError: a line cannot be read.
    """
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.endswith(b"\n"):
                return
            try:
                sent = SentEvent.model_validate_json(line)
            except ValidationError as error:
                raise UnknownRunError(
                    f"{path}, line {number}, is not an event's identity"
                ) from error
            yield sent.source, sent.id
