"""Changes under way, and how they ended."""

from sqlmodel import Session, col, select

from console.control.storage.tables import ActionRow


def find(session: Session, action_id: str) -> ActionRow | None:
    return session.get(ActionRow, action_id)


def running(session: Session) -> list[ActionRow]:
    return list(session.exec(select(ActionRow).where(ActionRow.state == "running")))


def running_on(session: Session, target: str) -> ActionRow | None:
    """Return the action that holds `target`; there is one at most."""
    query = select(ActionRow).where(ActionRow.state == "running", ActionRow.target == target)
    return session.exec(query).first()


def newest(session: Session, limit: int) -> list[ActionRow]:
    query = select(ActionRow).order_by(col(ActionRow.started_at).desc(), col(ActionRow.id).desc())
    return list(session.exec(query.limit(limit)))
