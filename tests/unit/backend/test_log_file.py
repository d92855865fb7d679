"""The file that lines go to, on a disk that takes them late, in part, or from somebody else."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from backend.observability import logfile
from backend.observability.logfile import LogFile

SIZE = 1000


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(logfile, "MAX_BYTES", SIZE)
    return tmp_path / "x.log"


@contextmanager
def _limited(what: int, most: int) -> Iterator[None]:
    """Let the system refuse this process more than so much."""
    soft, hard = resource.getrlimit(what)
    resource.setrlimit(what, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(what, (soft, hard))


def _write(log: LogFile, *numbers: int) -> None:
    for number in numbers:
        log.write(b"%d %s\n" % (number, b"x" * (SIZE // 4)), urgent=True)


def _numbers(*files: Path) -> list[int]:
    lines = [line for file in files for line in file.read_bytes().splitlines()]
    assert all(line.endswith(b" " + b"x" * (SIZE // 4)) for line in lines)
    return [int(line.split()[0]) for line in lines]


def _rotated(path: Path) -> list[Path]:
    """Return the rotated files, the oldest first."""
    return sorted(path.parent.glob("x.log.*"), reverse=True)


def test_a_file_that_somebody_took_away_is_begun_anew_and_costs_no_rotated_one(path: Path) -> None:
    log = LogFile(path)
    _write(log, *range(24))
    path.unlink()
    _write(log, *range(24, 31))
    log.close()
    assert _numbers(*_rotated(path)) == list(range(4, 24))
    # The four before filled the file that nobody finds any more.
    assert _numbers(path) == [28, 29, 30]


def test_a_file_that_somebody_moved_is_left_alone(path: Path) -> None:
    log = LogFile(path)
    _write(log, 0)
    path.rename(path.with_name("kept"))
    path.write_bytes(b"")
    _write(log, 1, 2, 3, 4)
    log.close()
    assert _numbers(path.with_name("kept"), path) == [0, 1, 2, 3, 4]
    assert not _rotated(path)


def test_lines_go_on_in_the_old_file_while_no_new_one_can_be_opened(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = LogFile(path)
    _write(log, *range(10))
    with _limited(resource.RLIMIT_NOFILE, 3):
        _write(log, *range(10, 20))
    _write(log, *range(20, 23))
    log.close()
    assert _numbers(*_rotated(path), path) == list(range(23))
    assert capsys.readouterr().err.count("Too many open files") == 1


def test_a_line_that_the_disk_took_in_part_is_finished_and_no_other_is_doubled(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = LogFile(path)
    with _limited(resource.RLIMIT_FSIZE, SIZE * 3 // 5):
        _write(log, *range(6))
    log.close()
    assert _numbers(*_rotated(path), path) == list(range(6))
    assert capsys.readouterr().err.count("File too large") == 1


def test_of_lines_that_wait_too_long_the_oldest_go_and_are_told(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logfile, "MAX_WAITING", SIZE)
    log = LogFile(path)
    with _limited(resource.RLIMIT_FSIZE, 0):
        _write(log, *range(10))
    log.close()
    # The first was on its way when the disk refused it.
    assert _numbers(*_rotated(path), path) == [0, 7, 8, 9]
    assert "6 log lines" in capsys.readouterr().err
