"""Alerts as last delivered; an alert is its fingerprint and the time since when it fires."""

from datetime import datetime

from sqlmodel import Session, col, select

from console.control.storage.tables import AcknowledgementRow, AlertRow


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


def since(session: Session, moment: datetime) -> list[AlertRow]:
    """Return what fired from `moment` on, or still did then, oldest first."""
    query = select(AlertRow).where(
        (col(AlertRow.starts_at) >= moment)
        | (AlertRow.status == "firing")
        | (col(AlertRow.ends_at) >= moment)
    )
    return list(session.exec(query.order_by(col(AlertRow.starts_at))))


def firing(session: Session, fingerprint: str) -> AlertRow | None:
    """Return the firing of an alert that nothing has closed; the newest, if there are several."""
    query = select(AlertRow).where(AlertRow.fingerprint == fingerprint, AlertRow.status == "firing")
    return session.exec(query.order_by(col(AlertRow.starts_at).desc())).first()


def latest(session: Session, fingerprint: str) -> AlertRow | None:
    """Return the newest firing of an alert, ended or not."""
    query = select(AlertRow).where(AlertRow.fingerprint == fingerprint)
    return session.exec(query.order_by(col(AlertRow.starts_at).desc())).first()


def acknowledgement(session: Session, alert: AlertRow) -> AcknowledgementRow | None:
    return session.get(AcknowledgementRow, (alert.fingerprint, alert.starts_at))


def acknowledgements(session: Session, now: datetime) -> list[AcknowledgementRow]:
    """Return those that have not run out."""
    query = select(AcknowledgementRow).where(col(AcknowledgementRow.until) > now)
    return list(session.exec(query))
