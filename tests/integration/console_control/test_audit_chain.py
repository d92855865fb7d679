"""The audit log's chain, checked from the file while the control service is dead."""

# ruff: noqa: S608  the statements are put together from this file's own words

import csv
import io
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from typer.testing import CliRunner, Result

from backend.observability.catalogue import Process
from backend.observability.metrics import Instruments
from console.cli import app
from console.control.services.audit_log import AuditLog, Deed
from console.control.services.clock import utc_now
from console.control.storage.audit_file import Row, read_rows
from console.control.storage.chain import FIRST, row_hash
from console.control.storage.database import Database
from console.control.storage.files import database_file, heads_file
from console.control.storage.heads import Head, Heads
from console.control.storage.migrations import MIGRATIONS, migrate
from tests.fixtures.control_service import Service

BEFORE_THE_CHAIN = 4
ROWS = 6
COLUMNS = "at, actor, action, target, reason, outcome, detail, ref"
OTHERS = f'{COLUMNS}, "before", "after", previous, hash'
File = sqlite3.Connection


def _pharos(*args: str) -> Result:
    return CliRunner().invoke(app, ["audit", *args])


def _verify(*args: str) -> tuple[int, str]:
    done = _pharos("verify", *args)
    return done.exit_code, (done.stdout + done.stderr).strip()


@pytest.fixture
def written(stopped: Service) -> Service:
    """Return a dead service that has written rows 1 to 6."""
    database = Database(database_file(stopped.home))
    heads = Heads(heads_file(stopped.home))
    log = AuditLog(database, heads, Instruments(Process.CONTROL, "0"), utc_now)
    for number in range(ROWS):
        deed = Deed("ada", "rearm", "drills", f"für die {number}. Zeile")
        log.record(deed.changing({"halted": True}, {"halted": False}), "done", "")
    database.close()
    return stopped


def _tamper(service: Service, change: Callable[[File], object]) -> None:
    """Write to the file as somebody does who knows what SQLite's triggers are."""
    path = database_file(service.home)
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        for name in ("not_rewritten", "not_erased", "only_appended_to"):
            file.execute(f"DROP TRIGGER audit_is_{name}")
        change(file)


def _rows(service: Service) -> dict[int, Row]:
    return {int(row["id"] or 0): row for row in read_rows(database_file(service.home))}


def _swap(file: File) -> None:
    """Exchange rows 3 and 4 with all that they hold."""
    file.execute("UPDATE audit SET id = 99 WHERE id = 3")
    file.execute("UPDATE audit SET id = 3 WHERE id = 4")
    file.execute("UPDATE audit SET id = 4 WHERE id = 99")


def _rehash(file: File, number: int, **changes: object) -> None:
    """Change a row and its hash along with it, by the format that everybody may read."""
    found = file.execute("SELECT * FROM audit WHERE id = ?", (number,))
    row = dict(zip([column[0] for column in found.description], found.fetchone(), strict=True))
    row |= changes
    content = row | {"at": f"{row['at'].replace(' ', 'T')}Z"}
    row["hash"] = row_hash(content)
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" * len(row))
    file.execute(f"REPLACE INTO audit ({names}) VALUES ({marks})", tuple(row.values()))


def _append(file: File) -> None:
    """Put a row behind the last one, chained as it should be."""
    last = file.execute("SELECT hash FROM audit WHERE id = 6").fetchone()[0]
    file.execute(f"INSERT INTO audit ({OTHERS}) SELECT {OTHERS} FROM audit WHERE id = 6")
    _rehash(file, 7, actor="eve", previous=last)


def _rewrite(file: File) -> None:
    """Change row 4 and every hash from there to the end, so that the chain holds again."""
    _rehash(file, 4, actor="eve")
    for number in (5, 6):
        link = file.execute("SELECT hash FROM audit WHERE id = ?", (number - 1,)).fetchone()[0]
        _rehash(file, number, previous=link)


CHANGES: dict[str, tuple[Callable[[File], object], str]] = {
    "changed": (
        lambda file: file.execute("UPDATE audit SET actor = 'eve' WHERE id = 4"),
        "row 4 was changed",
    ),
    "changed with its hash": (
        lambda file: _rehash(file, 4, actor="eve"),
        "row 5 does not follow row 4",
    ),
    "the whole rest rewritten": (_rewrite, "row 4 is not the one that was written"),
    "removed": (
        lambda file: file.execute("DELETE FROM audit WHERE id IN (3, 4)"),
        "rows 3 to 4 are missing",
    ),
    "the first removed": (
        lambda file: file.execute("DELETE FROM audit WHERE id = 1"),
        "row 1 is missing",
    ),
    "reordered": (_swap, "row 3 was written as row 4: rows were reordered"),
    "truncated": (
        lambda file: file.execute("DELETE FROM audit WHERE id > 4"),
        "rows 5 to 6 are missing at the end",
    ),
    "emptied": (
        lambda file: file.execute("DELETE FROM audit"),
        "rows 1 to 6 are missing at the end",
    ),
    "appended by hand": (_append, "row 7 was not written by the control service"),
}


def test_what_was_written_is_sound_and_its_head_is_told(written: Service) -> None:
    head = f"6:{_rows(written)[6]['hash']}"
    assert _verify() == (0, f"The audit log is sound: 6 rows, the last is {head}")
    assert _verify("--head", head)[0] == 0


@pytest.mark.parametrize("kind", CHANGES)
def test_the_first_row_that_is_not_as_it_was_is_named(written: Service, kind: str) -> None:
    change, words = CHANGES[kind]
    _tamper(written, change)
    code, said = _verify()
    assert code == 1
    assert words in said


def test_a_cut_end_stays_found_when_the_service_has_gone_on(written: Service) -> None:
    _tamper(written, CHANGES["truncated"][0])
    written.start()
    with written.operator as operator:
        for _ in range(3):
            operator.post("/v1/rearm", json={"reason": "as if nothing had been"})
    written.stop()
    code, said = _verify()
    assert (code, "row 5 is not the one that was written" in said) == (1, True)


def test_who_rewrites_the_heads_as_well_is_found_by_a_head_kept_elsewhere(
    written: Service,
) -> None:
    noted = f"6:{_rows(written)[6]['hash']}"
    _tamper(written, _rewrite)
    heads_file(written.home).unlink()
    heads = Heads(heads_file(written.home))
    for number, row in _rows(written).items():
        heads.append(Head(number, str(row["hash"])))
    assert _verify()[0] == 0
    code, said = _verify("--head", noted)
    assert (code, "row 6 is not the one that was written" in said) == (1, True)


def test_without_the_file_of_heads_nothing_is_called_sound(written: Service) -> None:
    path = heads_file(written.home)
    said = path.read_text()
    path.unlink()
    assert _verify()[0] == 1
    path.write_text(said.replace('"id": 2', '"id": two'))
    assert "line 2 of audit-heads.jsonl cannot be read" in _verify()[1]


@pytest.mark.parametrize("part", [0, 50])
def test_a_row_without_a_head_is_vouched_for_at_the_next_start_and_said(
    written: Service, part: int
) -> None:
    """As a service leaves it that is killed between the two, or in the middle of the line."""
    path = heads_file(written.home)
    *lines, last = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines) + last[:part])
    assert _verify()[0] == 1
    written.start()
    written.stop()
    code, said = _verify()
    assert code == 0
    assert said.startswith("note: row 6: found at a start of the control service")


@pytest.mark.parametrize("missing", [1, 30])
def test_rows_that_are_cut_off_are_found_beside_a_line_without_an_end(
    written: Service, missing: int
) -> None:
    path = heads_file(written.home)
    path.write_bytes(path.read_bytes()[:-missing])
    _tamper(written, lambda file: file.execute("DELETE FROM audit WHERE id > 4"))
    assert _verify()[0] == 1
    written.start()
    written.stop()
    assert "row 5 is not the one that was written" in _verify()[1]


def test_a_head_that_cannot_be_written_stops_nobody(written: Service) -> None:
    path = heads_file(written.home)
    path.unlink()
    path.mkdir()
    written.start()
    with written.operator as operator:
        assert operator.post("/v1/halt", json={"reason": "all the same"}).status_code == 200
    written.stop()
    path.rmdir()
    written.start()
    written.stop()
    code, said = _verify()
    assert (code, "rows 1 to 8: found at a start" in said) == (0, True)


def test_rows_of_a_release_without_a_chain_are_chained_and_said_to_be(stopped: Service) -> None:
    path = database_file(stopped.home)
    path.parent.mkdir(parents=True)
    row = ("2026-11-22 18:00:00.123456", "ada", "scale", "api", "Überlast", "done", "", None)
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        migrate(file, MIGRATIONS[:BEFORE_THE_CHAIN])
        for _ in range(3):
            file.execute(f"INSERT INTO audit ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    assert _verify()[0] == 3
    stopped.start()
    with stopped.operator as operator:
        operator.post("/v1/rearm", json={"reason": "the first with a chain"})
        entries = operator.get("/v1/audit").json()
    stopped.stop()
    assert [entry["id"] for entry in entries] == [5, 4, 3, 2, 1]
    assert entries[-1]["previous"] == FIRST
    assert (entries[2]["reason"], entries[2]["hash"]) == ("Überlast", entries[1]["previous"])
    code, said = _verify()
    assert (code, "rows 1 to 3: found at a start" in said) == (0, True)
    _tamper(stopped, lambda file: file.execute("UPDATE audit SET detail = 'x' WHERE id = 2"))
    assert "row 2 was changed" in _verify()[1]


@pytest.mark.parametrize(
    "statement",
    [
        f"REPLACE INTO audit (id, {OTHERS}) SELECT 2, {OTHERS} FROM audit WHERE id = 3",
        f"INSERT INTO audit (id, {OTHERS}) SELECT 99, {OTHERS} FROM audit WHERE id = 3",
        "UPDATE audit SET hash = 'x' WHERE id = 2",
        "DELETE FROM audit WHERE id = 6",
    ],
)
def test_the_file_itself_refuses_all_but_the_next_row(written: Service, statement: str) -> None:
    with (
        closing(sqlite3.connect(database_file(written.home))) as file,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        file.execute(statement)


def test_it_is_verified_while_the_service_writes(service: Service) -> None:
    with service.operator as operator:
        for _ in range(3):
            operator.post("/v1/rearm", json={"reason": "meanwhile"})
            assert _verify()[0] == 0


def test_the_export_has_every_row_and_can_be_checked_by_itself(written: Service) -> None:
    rows = [json.loads(line) for line in _pharos("export").stdout.splitlines()]
    assert [row["id"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert all(row_hash(row) == row["hash"] for row in rows)
    assert [row["previous"] for row in rows] == [FIRST, *(row["hash"] for row in rows[:-1])]
    assert json.loads(rows[0]["after"]) == {"halted": False}
    table = list(csv.DictReader(io.StringIO(_pharos("export", "--format", "csv").stdout)))
    assert [row["reason"] for row in table] == [f"für die {number}. Zeile" for number in range(6)]


def test_the_export_begins_where_it_is_told_to(written: Service) -> None:
    third = _rows(written)[3]["at"]
    rows = _pharos("export", "--since", str(third)).stdout.splitlines()
    assert len(rows) == 4
    assert _pharos("export", "--since", "1h").stdout.count("\n") == 6
    assert _pharos("export", "--since", "yesterday").exit_code == 2


def test_without_a_home_and_for_another_s_service_it_says_what_to_do(
    stopped: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    for verb in ("verify", "export"):
        assert _pharos(verb).exit_code == 3
    monkeypatch.setenv("PHAROS_URL", "https://pharos.example")
    assert _pharos("verify").exit_code == 2
    assert _pharos("verify", "--head", "6").exit_code == 2
