"""Becomes rsyslog: `python -I -m deploy.elk.recovery STATE PROGRAM [ARGUMENT ...]`.

Before that it makes whole what a killed one left in its state folder, which
rsyslog (seen with 8.2302) does not do itself, and loses lines by:

- A message stands in the queue's file before the queue's index tells of it. The
  next one writes over it while it reads it, and so loses those that came first.
  What the index does not tell of is cut off here; the line is read again.
- The queue's index is written anew for each message. With half of it rsyslog starts,
  but never its queue: no line is sent any more. Here the queue is begun anew, and every
  file is read again.
- Once a followed file has 512 bytes its place is noted *before* the line at
  that place is queued. The place in a file is forgotten here as long as the
  file may have had a single line at that time, so that it is read again.

Whatever is sent twice for it is recognised by the store. Beside that, places in files
that are gone are forgotten: rsyslog is told to keep every place (`shipper.py` says why).
"""

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

QUEUE_NAME = "ship"
LONGEST_LINE = 256 * 1024
# imfile.c: FILE_ID_SIZE, the bytes from which a file is known again.
KNOWN_BY = 512

# queue.c, qqueuePersist: the queue's properties, the stream that writes, the stream that reads.
_PARTS = 3
_PART_ENDS = ">End\n.\n"
# stream.c: the properties of the stream that writes.
_NUMBER = re.compile(r"^\+iCurrFNum:2:\d+:(\d+):$", re.MULTILINE)
_OFFSET = re.compile(r"^\+iCurrOffs:2:\d+:(\d+):$", re.MULTILINE)


class BrokenIndexError(Exception):
    """The queue's index does not tell what is in the queue."""


def make_whole(state: Path) -> None:
    """Make the state folder of an rsyslog that was killed fit to start from.

    A queue without a readable index is lost to rsyslog; then every place is
    forgotten, so that all that is still in the log files is read again.
    """
    index = state / f"{QUEUE_NAME}.qi"
    try:
        _cut_queue(state, *_written(index))
        _forget_places(state, up_to=KNOWN_BY + LONGEST_LINE)
        _forget_gone(state)
    except BrokenIndexError:
        _cut_queue(state, 0, 0)
        _forget_places(state, up_to=None)
        index.unlink()


def _cut_queue(state: Path, number: int, offset: int) -> None:
    """Leave the queue up to a place in the file of that number."""
    for file in state.glob(f"{QUEUE_NAME}.[0-9]*"):
        found = int(file.suffix[1:])
        if found > number:
            file.unlink()
        elif found == number and file.stat().st_size > offset:
            os.truncate(file, offset)


def _forget_places(state: Path, up_to: int | None) -> None:
    for file, place in _places(state):
        if up_to is None or place <= up_to:
            file.unlink()


def _forget_gone(state: Path) -> None:
    """Forget the files of whose number (inode) none is left in the folder that they were in."""
    left: dict[Path, set[str]] = {}
    for file in state.glob("imfile-state:*"):
        folder = Path(json.loads(file.read_text())["filename"]).parent
        if folder not in left:
            left[folder] = _numbers(folder)
        if file.name.split(":")[1] not in left[folder]:
            file.unlink()


def _numbers(folder: Path) -> set[str]:
    try:
        return {str(each.inode()) for each in os.scandir(folder)}
    except FileNotFoundError:
        return set()


def _written(index: Path) -> tuple[int, int]:
    """Return the number of the file that is written, and the bytes of it that count.

    Raises:
        BrokenIndexError: they are not in the index.
    """
    try:
        text = index.read_text(errors="replace")
    except FileNotFoundError:
        return 0, 0
    number, offset = _NUMBER.search(text), _OFFSET.search(text)
    if not (number and offset and text.count(_PART_ENDS) == _PARTS):
        raise BrokenIndexError(str(index))
    return int(number[1]), int(offset[1])


def _places(state: Path) -> Iterator[tuple[Path, int]]:
    for file in state.glob("imfile-state:*"):
        try:
            yield file, int(json.loads(file.read_text())["curr_offs"])
        except (ValueError, LookupError, TypeError):
            # Written halfway: rsyslog would not read it, either.
            yield file, 0


def main() -> None:
    """Make the state whole and become the program."""
    state, program = Path(sys.argv[1]), sys.argv[2:]
    make_whole(state)
    os.execv(program[0], program)  # noqa: S606


if __name__ == "__main__":
    main()
