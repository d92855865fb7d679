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


NEAR = {"short.log": 540, "near.log": FAR - 1}


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    logs = tmp_path / "logs"
    logs.mkdir()
    return logs


@pytest.fixture
def state(tmp_path: Path, logs: Path) -> Path:
    state = tmp_path / "state"
    state.mkdir()
    (state / "ship.qi").write_text(INDEX)
    for number, size in ((1, 50), (2, 45), (3, 5)):
        (state / f"ship.{number:08}").write_bytes(b"x" * size)
    for name, place in (NEAR | {"far.log": FAR}).items():
        (logs / name).write_text("its lines")
        known = {"filename": str(logs / name), "curr_offs": place}
        (state / f"imfile-state:{(logs / name).stat().st_ino}:ab").write_text(json.dumps(known))
    return state


def _queue(state: Path) -> dict[str, int]:
    return {file.name: file.stat().st_size for file in state.glob("ship.0*")}


def _places(state: Path) -> list[str]:
    """Return the names under which the files were followed whose places are known."""
    found = state.glob("imfile-state:*")
    return [Path(json.loads(file.read_text())["filename"]).name for file in found]


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
    assert _places(state) == ["far.log"]


def test_a_file_that_has_another_name_is_known_and_one_that_is_gone_is_not(
    state: Path, logs: Path
) -> None:
    (logs / "far.log").rename(logs / "far.log.1")
    make_whole(state)
    assert _places(state) == ["far.log"]
    (logs / "far.log.1").unlink()
    make_whole(state)
    assert _places(state) == []


def test_no_file_of_a_folder_that_is_gone_is_known(state: Path, logs: Path) -> None:
    logs.rename(logs.with_name("elsewhere"))
    make_whole(state)
    assert _places(state) == []


def test_a_queue_that_never_had_an_index_is_begun_anew(state: Path) -> None:
    (state / "ship.qi").unlink()
    make_whole(state)
    assert _queue(state) == {}
    assert _places(state) == ["far.log"]


@pytest.mark.parametrize("size", [0, 17, INDEX.index("+iCurrOffs:2:1:7"), len(INDEX) - 1])
def test_behind_a_broken_index_every_file_is_read_again(state: Path, size: int) -> None:
    (state / "ship.qi").write_text(INDEX[:size])
    make_whole(state)
    assert list(state.iterdir()) == []


def test_an_empty_folder_stays_as_it_is(tmp_path: Path) -> None:
    make_whole(tmp_path)
    assert list(tmp_path.iterdir()) == []
