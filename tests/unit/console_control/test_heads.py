"""The audit log's heads are read back whatever stops whoever writes them."""

from pathlib import Path

import pytest

from console.control.storage.heads import Head, Heads
from tests.fixtures.disk import room_for

FIRST, SECOND, THIRD = (Head(number, f"{number}" * 64) for number in (1, 2, 3))


def test_a_disk_that_fills_in_the_middle_of_a_line_keeps_nothing_of_it(tmp_path: Path) -> None:
    heads = Heads(tmp_path / "heads")
    heads.append(FIRST)
    size = (tmp_path / "heads").stat().st_size
    with room_for(size + 20), pytest.raises(OSError, match="too large"):
        heads.append(SECOND)
    assert (tmp_path / "heads").stat().st_size == size
    heads.append(THIRD)
    assert heads.read() == [FIRST, THIRD]


@pytest.mark.parametrize(("missing", "kept"), [(1, [FIRST, SECOND]), (30, [FIRST])])
def test_a_line_that_was_not_ended_counts_if_it_is_a_whole_head(
    tmp_path: Path, missing: int, kept: list[Head]
) -> None:
    path = tmp_path / "heads"
    heads = Heads(path)
    heads.append(FIRST)
    heads.append(SECOND)
    path.write_bytes(path.read_bytes()[:-missing])
    assert heads.read() == kept
    heads.end_last_line()
    heads.append(THIRD)
    assert heads.read() == [*kept, THIRD]


def test_a_file_that_is_not_there_has_no_line_to_end(tmp_path: Path) -> None:
    Heads(tmp_path / "heads").end_last_line()
    assert Heads(tmp_path / "heads").read() == []
