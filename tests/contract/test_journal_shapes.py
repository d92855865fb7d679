"""The journal is where the chaos room and the control service meet: they read it alike."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import BaseModel, TypeAdapter

from chaos import schemas as written
from chaos.journal import JOURNAL, VERDICT, Journal, write_verdict
from chaos.schemas import Kind
from console import schemas as read
from console import verdict_schemas as verdicts
from console.control import journals
from deploy.home import PROJECT

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("Experiment", read.Experiment),
        ("JournalEntry", read.JournalEntry),
        ("Impact", verdicts.Impact),
        ("Undo", verdicts.Undo),
        ("AlertWay", verdicts.AlertWay),
        ("SignalReport", verdicts.SignalReport),
        ("DrillVerdict", verdicts.DrillVerdict),
    ],
)
def test_both_rooms_have_the_same_fields(name: str, theirs: type[BaseModel]) -> None:
    ours: type[BaseModel] = getattr(written, name)
    assert list(ours.model_fields) == list(theirs.model_fields)


def test_a_verdict_that_we_write_is_the_one_that_is_read(tmp_path: Path) -> None:
    verdict = written.DrillVerdict(
        run="20260131T120000-a1b2",
        experiment="kill-replica",
        verdict=written.Verdict.PASSED,
        reason="api-1 served again after 3.2 s",
        steady_before=True,
        steady_after=None,
        impact=written.Impact(requests=10, failed=0, error_ratio=0.0),
        recovery_seconds=3.2,
        undo=written.Undo(clean=True, residue=[]),
        signals=[
            written.SignalReport(
                kind="alert",
                expected="ReplicaDown fires",
                met=True,
                seconds=21.0,
                words="ReplicaDown fired after 21 s",
                way=written.AlertWay(alert="ReplicaDown", severity="page", firing=21.0),
            )
        ],
        started_at=NOW,
        ended_at=NOW,
    )
    write_verdict(tmp_path, verdict)
    understood = journals.read_verdict(tmp_path)
    assert understood is not None
    assert understood.model_dump(mode="json") == verdict.model_dump(mode="json")


def test_a_journal_that_we_write_is_the_one_that_is_read(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write(Kind.RUN_STARTED, "begins", actor="ana", pid=42)
    journal.write(Kind.RUN_ENDED, "Passed", verdict="passed")
    understood = journals.read_journal(tmp_path)
    assert understood.first is not None
    assert understood.first.model_dump()["actor"] == "ana"
    assert understood.ended


def test_a_half_written_line_is_left_out_by_both(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.write(Kind.RUN_STARTED, "begins")
    with (tmp_path / JOURNAL).open("a") as file:
        file.write('{"at":')
    assert len(journals.read_journal(tmp_path).entries) == 1


def test_both_look_for_the_same_files() -> None:
    assert (JOURNAL, VERDICT) == (journals.JOURNAL, journals.VERDICT)
    assert (Kind.RUN_STARTED, Kind.RUN_ENDED) == (journals.STARTED, journals.ENDED)


def test_the_catalogue_that_we_print_is_the_one_that_is_read() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "chaos", "list", "--json"],
        cwd=PROJECT,
        capture_output=True,
        check=True,
    ).stdout
    understood = TypeAdapter(list[read.Experiment]).validate_json(printed)
    assert [each.model_dump() for each in understood] == json.loads(printed)
    assert "kill-replica" in {each.name for each in understood}
