"""Appends to a file what is to be there whole or not at all."""

import os


def append(descriptor: int, data: bytes) -> None:
    """Append all of it, and wait until the disk has it; else the file is as long as it was.

    A part that stayed would run into what is appended next. Nobody else may append meanwhile.

    Raises:
        OSError: the disk refuses it, or a part of it.
    """
    before = os.fstat(descriptor).st_size
    try:
        _write_whole(descriptor, data)
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, before)
        raise


def _write_whole(descriptor: int, data: bytes) -> None:
    """A disk that is almost full takes a part; only the next try says why it takes no more."""
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
