"""Changes under way, and how they ended."""

from sqlmodel import Session, col, select

from console.control.storage.tables import ActionRow


def find(session: Session, action_id: str) -> ActionRow | None:
    return session.get(ActionRow, action_id)


def running(session: Session) -> list[ActionRow]:
    return list(session.exec(select(ActionRow).where(ActionRow.state == "running")))


def newest(session: Session, limit: int) -> list[ActionRow]:
    query = select(ActionRow).order_by(col(ActionRow.started_at).desc(), col(ActionRow.id).desc())
    return list(session.exec(query.limit(limit)))
