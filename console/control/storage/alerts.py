"""Alerts as last delivered; an alert is its fingerprint and the time since when it fires."""

from datetime import datetime

from sqlmodel import Session, col, select

from console.control.storage.tables import AlertRow


def find(session: Session, fingerprint: str, starts_at: datetime) -> AlertRow | None:
    return session.get(AlertRow, (fingerprint, starts_at))


def firing_before(session: Session, fingerprint: str, starts_at: datetime) -> list[AlertRow]:
    """Return earlier firings of the same alert that nothing has closed."""
    query = select(AlertRow).where(
        AlertRow.fingerprint == fingerprint,
        AlertRow.status == "firing",
        col(AlertRow.starts_at) < starts_at,
    )
    return list(session.exec(query))


def newest(session: Session, status: str | None, limit: int) -> list[AlertRow]:
    query = select(AlertRow).order_by(col(AlertRow.starts_at).desc()).limit(limit)
    if status is not None:
        query = query.where(AlertRow.status == status)
    return list(session.exec(query))
