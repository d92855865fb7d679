"""A log file as a trace: counting, ordering, and what is no log."""

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaos.traffic.accesslog import MAX_LINE
from chaos.traffic.trace import SHOWN_MALFORMED, Trace, TraceError, scan


def line(second: int, address: str = "203.0.113.9") -> bytes:
    at = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    return f'{address} - - [17/May/2015:{at} +0000] "GET / HTTP/1.1" 200 1\n'.encode()


def written(folder: Path, content: bytes) -> Path:
    path = folder / "access.log"
    path.write_bytes(content)
    return path


def numbers(trace: Trace) -> list[int]:
    return [entry.number for entry in trace.in_file_order()]


def test_malformed_lines_are_counted_and_empty_ones_only_numbered(tmp_path: Path) -> None:
    trace = scan(written(tmp_path, line(1) + b"\nrubbish\n" + line(2)))
    assert (trace.lines, trace.malformed, numbers(trace)) == (2, 1, [1, 4])
    assert trace.shown[0].number == 3


def test_gzip_is_told_by_content_and_not_by_name(tmp_path: Path) -> None:
    trace = scan(written(tmp_path, gzip.compress(line(1) + line(2))))
    assert numbers(trace) == [1, 2]


def test_the_last_line_needs_no_line_end(tmp_path: Path) -> None:
    assert scan(written(tmp_path, line(1) + line(2)[:-1])).lines == 2


def test_windows_line_ends_are_read(tmp_path: Path) -> None:
    assert scan(written(tmp_path, line(1).replace(b"\n", b"\r\n") * 3)).lines == 3


def test_lines_appended_after_the_scan_stay_out(tmp_path: Path) -> None:
    trace = scan(path := written(tmp_path, line(1)))
    path.write_bytes(line(1) + line(2))
    assert numbers(trace) == [1]


@pytest.mark.parametrize("left", [b"", b"rubbish\n", b"\n\n"])
def test_a_log_that_is_rotated_meanwhile_is_told_and_not_read_for_ever(
    tmp_path: Path, left: bytes
) -> None:
    trace = scan(path := written(tmp_path, line(1) + line(2)))
    path.write_bytes(left)
    for reading in (trace.in_file_order, trace.by_time):
        with pytest.raises(TraceError, match=r"access\.log changed during the run: replay a copy"):
            list(reading())


def test_a_log_that_is_removed_meanwhile_is_told(tmp_path: Path) -> None:
    trace = scan(path := written(tmp_path, line(1)))
    path.unlink()
    with pytest.raises(TraceError, match="cannot be read"):
        list(trace.in_file_order())


def test_an_endless_line_is_one_malformed_line(tmp_path: Path) -> None:
    trace = scan(written(tmp_path, b"x" * (5 * MAX_LINE) + b"\n" + line(1)))
    assert (trace.malformed, numbers(trace)) == (1, [2])
    assert "longer" in trace.shown[0].reason


def test_only_the_first_malformed_lines_are_kept(tmp_path: Path) -> None:
    trace = scan(written(tmp_path, line(1) + b"x\n" * 100))
    assert (trace.malformed, len(trace.shown)) == (100, SHOWN_MALFORMED)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"key=value\n" * 9, bytes(range(256)) * 50])
def test_a_file_without_a_log_line_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(TraceError, match="no access log"):
        scan(written(tmp_path, content))


def test_a_gzip_file_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(b"".join(line(second) for second in range(5000)))
    with pytest.raises(TraceError, match="no whole gzip file"):
        scan(written(tmp_path, packed[: len(packed) // 2]))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.log", tmp_path):
        with pytest.raises(TraceError, match="cannot be read"):
            scan(path)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=50,
)
@given(st.lists(st.integers(0, 80_000), min_size=1, max_size=40))
def test_the_order_of_time_is_sorted_and_stable_and_complete(
    tmp_path: Path, seconds: list[int]
) -> None:
    trace = scan(written(tmp_path, b"".join(line(second) for second in seconds)))
    by_time = trace.by_time()
    order = [entry.number for entry in by_time]
    assert order == sorted(range(1, len(seconds) + 1), key=lambda number: seconds[number - 1])
    assert order == [entry.number for entry in by_time]
    assert trace.span == max(seconds) - min(seconds) + 1
