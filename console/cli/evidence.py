"""`pharos audit verify` and `export`: they read the home's file, whatever runs or does not."""

import csv
import json
import os
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from console.cli.calling import FAILED, NOT_READY, WRONG_USAGE, end, out
from console.control.storage.audit_file import COLUMNS, NoAuditFileError, Row, read_rows
from console.control.storage.chain import time_text
from console.control.storage.files import database_file, heads_file
from console.control.storage.heads import Head, Heads, HeadsError
from console.control.storage.verification import Report
from console.control.storage.verification import verify as verified
from deploy.home import Home
from deploy.logstore import QueryError
from deploy.logstore.search import moment

# What a running service may take from committing a row to writing its head.
HEAD_SECONDS = 2.0
LOOK_SECONDS = 0.1


class Format(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"


def verify(
    head: Annotated[
        str | None,
        typer.Option(help="A head kept elsewhere, as NUMBER:HASH: it must be in the chain, too."),
    ] = None,
) -> None:
    """Check that no row of the audit log was changed, removed, reordered or put in by hand.

    What a chain and the heads beside it cannot show: changes by somebody who writes
    both files. A head from the log store or from a note, by --head, shows those, too.
    """
    home = _home()
    given = [_head(head)] if head else []
    try:
        report = _report(home, given)
    except NoAuditFileError as error:
        end(NOT_READY, str(error))
    except HeadsError as error:
        end(FAILED, f"the audit log is not sound: {error}")
    for note in report.notes:
        out.print(f"note: {note}", markup=False, soft_wrap=True)
    if report.finding:
        end(FAILED, f"the audit log is not sound: {report.finding}")
    words = f"{report.rows:,} rows, the last is {report.head}" if report.head else "no row yet"
    out.print(f"The audit log is sound: {words}", markup=False, soft_wrap=True)


def export(
    since: Annotated[
        str | None, typer.Option(help="From then on: 7d, 12h, or 2026-11-22T18:00:00Z.")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How.")] = Format.JSONL,
) -> None:
    """Print the audit log, oldest row first; JSON lines can be checked by their hashes."""
    home = _home()
    try:
        first = time_text(moment(since, datetime.now(UTC))) if since else ""
    except QueryError as error:
        end(WRONG_USAGE, f"--since: {error}")
    try:
        # A time is written in one way and in UTC, so that texts sort as times do.
        rows = [row for row in read_rows(database_file(home)) if str(row["at"]) >= first]
    except NoAuditFileError as error:
        end(NOT_READY, str(error))
    (_print_csv if form is Format.CSV else _print_lines)(rows)


def _report(home: Home, given: list[Head]) -> Report:
    """Read the heads before the rows, so that none is of a row that was not yet there."""
    kept = Heads(heads_file(home))
    heads = kept.read()
    rows = read_rows(database_file(home))
    last = int(rows[-1]["id"] or 0) if rows else 0
    deadline = time.monotonic() + HEAD_SECONDS
    while max((each.id for each in heads), default=0) < last and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
        heads = [each for each in kept.read() if each.id <= last]
    return verified(rows, [*heads, *given])


def _head(text: str) -> Head:
    number, _, digest = text.partition(":")
    if not number.isdecimal() or len(digest) != 64:
        end(WRONG_USAGE, "--head: write it as NUMBER:HASH, with all 64 digits of the hash")
    return Head(int(number), digest)


def _home() -> Home:
    if os.environ.get("PHAROS_URL"):
        end(WRONG_USAGE, "PHAROS_URL names another service: run this on its machine, on its home")
    try:
        return Home.from_environment()
    except ValueError as error:
        end(WRONG_USAGE, str(error))


def _print_lines(rows: Iterable[Row]) -> None:
    for row in rows:
        line = json.dumps({name: row[name] for name in COLUMNS}, ensure_ascii=False)
        sys.stdout.write(line + "\n")


def _print_csv(rows: Iterable[Row]) -> None:
    writer = csv.DictWriter(sys.stdout, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
