"""The journal is on the disk before the drill goes on, and readable whatever happens then."""

from pathlib import Path

import pytest

from chaos.journal import JOURNAL, Journal, JournalError, has_ended, read_journal, utc_now
from chaos.schemas import Kind
from tests.fixtures.disk import room_for


def test_what_was_written_is_read_back_with_its_fields(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "run")
    journal.write(Kind.FAULT_INJECTED, "Killed api-1", target="api-1", pid=42)
    (entry,) = read_journal(tmp_path / "run")
    assert (entry.kind, entry.message) == ("fault.injected", "Killed api-1")
    assert entry.fields == {"target": "api-1", "pid": 42}
    assert entry.at <= utc_now()


def test_a_line_without_its_end_is_left_out(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write(Kind.RUN_STARTED, "begins")
    with (tmp_path / "journal.jsonl").open("a") as file:
        file.write('{"at":"2026-01-31T12:00:00Z","ki')
    assert [entry.kind for entry in read_journal(tmp_path)] == ["run.started"]


def test_a_run_has_one_journal(tmp_path: Path) -> None:
    Journal(tmp_path).close()
    with pytest.raises(JournalError, match="choose another run"):
        Journal(tmp_path)


def test_a_folder_that_cannot_be_made_is_an_error_of_the_journal(tmp_path: Path) -> None:
    (tmp_path / "drills").write_text("a file where the folder should be")
    with pytest.raises(JournalError, match="cannot begin"):
        Journal(tmp_path / "drills" / "run")


def test_a_line_that_cannot_be_written_is_never_taken_for_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.close()
    with pytest.raises(JournalError, match="cannot write"):
        journal.write(Kind.RUN_STARTED, "begins")


def test_a_disk_that_fills_in_the_middle_of_a_line_keeps_nothing_of_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write(Kind.RUN_STARTED, "begins")
    written = (tmp_path / JOURNAL).read_bytes()
    with room_for(len(written) + 20), pytest.raises(JournalError, match="cannot write"):
        journal.write(Kind.FAULT_INJECTED, "Killed api-1")
    assert (tmp_path / JOURNAL).read_bytes() == written
    journal.write(Kind.RUN_ENDED, "Inconclusive")
    assert [entry.kind for entry in read_journal(tmp_path)] == ["run.started", "run.ended"]


def test_only_its_last_line_ends_a_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write(Kind.RUN_STARTED, "begins")
    assert not has_ended(read_journal(tmp_path))
    journal.write(Kind.RUN_ENDED, "Passed")
    assert has_ended(read_journal(tmp_path))
