"""The file of a load run, read line by line."""

from pathlib import Path

import pytest

from backend.services.run_files import UnknownRunError, run_file, sent_identities


def _written(home: Path, text: str) -> Path:
    (home / "runs").mkdir()
    path = home / "runs" / "r1.jsonl"
    path.write_text(text)
    return path


def test_each_line_is_an_identity(tmp_path: Path) -> None:
    path = _written(tmp_path, '{"source":"s","id":"1"}\n{"source":"s","id":"2"}\n')
    assert list(sent_identities(run_file(tmp_path, "r1"))) == [("s", "1"), ("s", "2")]
    assert run_file(tmp_path, "r1") == path


def test_a_last_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    path = _written(tmp_path, '{"source":"s","id":"1"}\n{"source":"s","i')
    assert list(sent_identities(path)) == [("s", "1")]


def test_a_line_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = _written(tmp_path, '{"source":"s","id":"1"}\nnonsense\n')
    with pytest.raises(UnknownRunError, match="line 2"):
        list(sent_identities(path))


@pytest.mark.parametrize("run", ["r2", "", "../r1", "r1/../r1", "."])
def test_what_is_no_run_is_refused(tmp_path: Path, run: str) -> None:
    _written(tmp_path, "")
    with pytest.raises(UnknownRunError, match="no run"):
        run_file(tmp_path, run)
