"""The audit log: rows are added and read, never changed."""

from sqlmodel import Session, col, select

from console.control.storage.tables import AuditRow


def append(session: Session, row: AuditRow) -> None:
    session.add(row)
    session.flush()


def newest(session: Session, limit: int, before: int | None) -> list[AuditRow]:
    """Return up to `limit` rows, newest first; only those with an id under `before`."""
    query = select(AuditRow).order_by(col(AuditRow.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(AuditRow.id) < before)
    return list(session.exec(query))
