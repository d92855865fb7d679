"""What a killed rsyslog left is made whole before the next one starts."""

import json
from pathlib import Path

import pytest

from deploy.elk.recovery import make_whole

INDEX = """\
<OPB:1:qqueue:1:
+iQueueSize:2:3:401:
>End
.
<Obj:1:strm:1:
+iCurrFNum:2:1:2:
+pszFName:1:4:ship:
+iCurrOffs:2:2:30:
>End
.
<Obj:1:strm:1:
+iCurrFNum:2:1:1:
+pszFName:1:4:ship:
+iCurrOffs:2:1:7:
>End
.
"""
FAR = 512 + 256 * 1024 + 1


@pytest.fixture
def state(tmp_path: Path) -> Path:
    (tmp_path / "ship.qi").write_text(INDEX)
    for number, size in ((1, 50), (2, 45), (3, 5)):
        (tmp_path / f"ship.{number:08}").write_bytes(b"x" * size)
    for inode, place in ((11, 540), (12, FAR - 1), (13, FAR)):
        (tmp_path / f"imfile-state:{inode}:ab").write_text(json.dumps({"curr_offs": place}))
    return tmp_path


def _queue(state: Path) -> dict[str, int]:
    return {file.name: file.stat().st_size for file in state.glob("ship.0*")}


def _places(state: Path) -> set[str]:
    return {file.name for file in state.glob("imfile-state:*")}


def test_what_the_index_does_not_tell_of_is_cut_off_the_queue(state: Path) -> None:
    make_whole(state)
    assert _queue(state) == {"ship.00000001": 50, "ship.00000002": 30}
    assert (state / "ship.qi").read_text() == INDEX


def test_a_shorter_file_is_not_made_longer(state: Path) -> None:
    (state / "ship.00000002").write_bytes(b"x" * 10)
    make_whole(state)
    assert _queue(state)["ship.00000002"] == 10


def test_places_that_may_be_ahead_of_the_queue_are_forgotten(state: Path) -> None:
    (state / "imfile-state:14").write_text('{"curr_')
    make_whole(state)
    assert _places(state) == {"imfile-state:13:ab"}


def test_a_queue_that_never_had_an_index_is_begun_anew(state: Path) -> None:
    (state / "ship.qi").unlink()
    make_whole(state)
    assert _queue(state) == {}
    assert _places(state) == {"imfile-state:13:ab"}


@pytest.mark.parametrize("size", [0, 17, INDEX.index("+iCurrOffs:2:1:7"), len(INDEX) - 1])
def test_behind_a_broken_index_every_file_is_read_again(state: Path, size: int) -> None:
    (state / "ship.qi").write_text(INDEX[:size])
    make_whole(state)
    assert list(state.iterdir()) == []


def test_an_empty_folder_stays_as_it_is(tmp_path: Path) -> None:
    make_whole(tmp_path)
    assert list(tmp_path.iterdir()) == []
