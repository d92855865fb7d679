"""Which drills are known, and which of them still lack their ending in the audit log."""

from datetime import datetime

from sqlmodel import Session, col, select

from console.control.storage.tables import DrillRow


def find(session: Session, run: str) -> DrillRow | None:
    return session.get(DrillRow, run)


def unsettled(session: Session) -> list[DrillRow]:
    return list(session.exec(select(DrillRow).where(col(DrillRow.settled_at).is_(None))))


def newest(session: Session, limit: int) -> list[DrillRow]:
    """Return the last runs; their ids begin with the time of their start."""
    return list(session.exec(select(DrillRow).order_by(col(DrillRow.run).desc()).limit(limit)))


def since(session: Session, moment: datetime) -> list[DrillRow]:
    return list(session.exec(select(DrillRow).where(col(DrillRow.started_at) >= moment)))


def known(session: Session) -> set[str]:
    return set(session.exec(select(DrillRow.run)))
