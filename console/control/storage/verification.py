"""Checks the audit log's chain against itself and against the heads that were written of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from console.control.storage.audit_file import Row
from console.control.storage.chain import FIRST, row_hash
from console.control.storage.heads import Head


@dataclass(frozen=True, slots=True)
class Report:
    """`finding` names the first row that is not as it was written; null when all are."""

    rows: int
    head: Head | None
    finding: str | None
    notes: list[str] = field(default_factory=list)


def verify(rows: Sequence[Row], heads: Sequence[Head]) -> Report:
    """Look at all rows, oldest first, and at the heads in the order they were written."""
    head = Head(_id(rows[-1]), str(rows[-1]["hash"])) if rows else None
    finding = _broken_link(rows) or _against(rows, heads)
    return Report(len(rows), head, finding, [_note(each) for each in heads if each.found_from])


def _broken_link(rows: Sequence[Row]) -> str | None:
    last, previous = 0, FIRST
    for row in rows:
        number = _id(row)
        if row_hash(row) != row["hash"]:
            return _changed(row, rows)
        if row["previous"] != previous and number > last + 1:
            return _missing(last + 1, number - 1)
        if row["previous"] != previous:
            return (
                f"row {number} does not follow row {last}: one of the two was changed together "
                "with its hash, or was not written there"
            )
        last, previous = number, str(row["hash"])
    return None


def _changed(row: Row, rows: Sequence[Row]) -> str:
    """Tell a row that was written in another place from one that was written otherwise."""
    for other in rows:
        if row_hash({**row, "id": other["id"]}) == row["hash"]:
            return f"row {_id(row)} was written as row {_id(other)}: rows were reordered"
    return f"row {_id(row)} was changed"


def _against(rows: Sequence[Row], heads: Sequence[Head]) -> str | None:
    written = {_id(row): str(row["hash"]) for row in rows}
    last = max(written, default=0)
    known = max((head.id for head in heads), default=0)
    for head in sorted(heads, key=lambda each: each.id):
        if head.id > last:
            return f"{_missing(last + 1, known)} at the end"
        if written.get(head.id) != head.hash:
            return f"row {head.id} is not the one that was written: its hash was {head.hash}"
    if known < last:
        return f"row {known + 1} was not written by the control service"
    return None


def _note(head: Head) -> str:
    span = _span(head.found_from or head.id, head.id)
    return f"{span}: found at a start of the control service, not seen being written"


def _missing(first: int, last: int) -> str:
    return f"{_span(first, last)} {'is' if first >= last else 'are'} missing"


def _span(first: int, last: int) -> str:
    return f"row {first}" if first >= last else f"rows {first} to {last}"


def _id(row: Row) -> int:
    return int(row["id"] or 0)
