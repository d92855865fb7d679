"""Schedules by name."""

from sqlmodel import Session, col, select

from console.control.storage.tables import ScheduleRow


def all_(session: Session) -> list[ScheduleRow]:
    return list(session.exec(select(ScheduleRow).order_by(col(ScheduleRow.name))))


def find(session: Session, name: str) -> ScheduleRow | None:
    return session.get(ScheduleRow, name)
