"""The audit log: rows are chained to the one before, read, and never changed."""

from datetime import datetime

from sqlmodel import Session, col, select

from console.control.storage.chain import FIRST, canonical, row_hash, time_text
from console.control.storage.tables import AuditRow


def append(session: Session, row: AuditRow) -> None:
    """Append a row; the caller's transaction holds the file's one lock for writing."""
    before = last(session)
    row.id, row.previous = (before.id or 0) + 1 if before else 1, before.hash if before else FIRST
    stored = {"before": _text(row.before), "after": _text(row.after), "at": time_text(row.at)}
    row.hash = row_hash(row.model_dump() | stored)
    session.add(row)
    session.flush()


def last(session: Session) -> AuditRow | None:
    return session.exec(select(AuditRow).order_by(col(AuditRow.id).desc()).limit(1)).first()


def newest(session: Session, limit: int, before: int | None) -> list[AuditRow]:
    """Return up to `limit` rows, newest first; only those with an id under `before`."""
    query = select(AuditRow).order_by(col(AuditRow.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(AuditRow.id) < before)
    return list(session.exec(query))


def since(session: Session, moment: datetime) -> list[AuditRow]:
    """Return the rows from `moment` on, oldest first."""
    query = select(AuditRow).where(col(AuditRow.at) >= moment).order_by(col(AuditRow.id))
    return list(session.exec(query))


def of(session: Session, action: str, ref: str) -> list[AuditRow]:
    """Return the rows of one deed, oldest first."""
    query = select(AuditRow).where(col(AuditRow.action) == action, col(AuditRow.ref) == ref)
    return list(session.exec(query.order_by(col(AuditRow.id))))


def unended(session: Session, action: str) -> list[AuditRow]:
    """Return what was accepted and has not ended yet, oldest first."""
    mine = select(AuditRow).where(col(AuditRow.action) == action).order_by(col(AuditRow.id))
    rows = list(session.exec(mine))
    ended = {row.ref for row in rows if row.outcome in {"done", "failed"}}
    return [row for row in rows if row.outcome == "accepted" and row.ref not in ended]


def _text(state: dict[str, object] | None) -> str | None:
    return None if state is None else canonical(state)
