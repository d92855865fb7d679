"""A journal is read while it is written, and after its writer was killed."""

import json
from pathlib import Path

import pytest

from console.control.journals import add_undo, read_journal, read_verdict
from console.schemas import JournalEntry


def _line(kind: str, **fields: object) -> str:
    return json.dumps({"at": "2026-11-22T18:00:00Z", "kind": kind, "message": kind, **fields})


def _write(folder: Path, text: str) -> None:
    (folder / "journal.jsonl").write_text(text)


def test_a_folder_without_a_journal_has_an_empty_one(tmp_path: Path) -> None:
    assert read_journal(tmp_path / "nowhere").entries == []


def test_every_cut_through_the_last_line_leaves_the_lines_before(tmp_path: Path) -> None:
    first, last = _line("run.started") + "\n", _line("run.ended", verdict="passed")
    for cut in range(len(last)):
        _write(tmp_path, first + last[:cut])
        journal = read_journal(tmp_path)
        assert [entry.kind for entry in journal.entries] == ["run.started"]
        assert not journal.ended


def test_a_broken_line_in_the_middle_is_shown_as_such(tmp_path: Path) -> None:
    _write(tmp_path, f"{_line('run.started')}\n{{half\n{_line('run.ended')}\n")
    journal = read_journal(tmp_path)
    assert [entry.kind for entry in journal.entries] == ["run.started", "unreadable", "run.ended"]
    assert journal.entries[1].message == "line 2 cannot be read"
    assert journal.ended


def test_further_fields_of_a_line_are_kept(tmp_path: Path) -> None:
    _write(tmp_path, _line("run.started", pid=17) + "\n")
    first = read_journal(tmp_path).first
    assert first is not None
    assert first.model_dump()["pid"] == 17


@pytest.mark.parametrize("text", ["", "{", "{}", "null"])
def test_a_verdict_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "verdict.json").write_text(text)
    assert read_verdict(tmp_path) is None


def test_the_undo_comes_after_a_line_that_lacks_only_its_end(tmp_path: Path) -> None:
    _write(tmp_path, _line("run.started") + "\n" + _line("impact"))
    add_undo(tmp_path, JournalEntry.model_validate_json(_line("undo")))
    kinds = [entry.kind for entry in read_journal(tmp_path).entries]
    assert kinds == ["run.started", "impact", "undo"]


@pytest.mark.parametrize("torn", ["", '{"at": "2026-11-'])
def test_the_undo_takes_the_place_of_a_line_that_was_not_finished(
    tmp_path: Path, torn: str
) -> None:
    _write(tmp_path, _line("run.started") + "\n" + torn)
    add_undo(tmp_path, JournalEntry.model_validate_json(_line("undo", clean=True)))
    entries = read_journal(tmp_path).entries
    assert [entry.kind for entry in entries] == ["run.started", "undo"]
    assert entries[1].model_dump()["clean"] is True
