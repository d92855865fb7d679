"""People, their sessions, one-time links, and failed attempts to sign in."""

from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from console.control.storage.tables import AttemptRow, PersonRow, SessionRow, SignInLinkRow


def person(session: Session, name: str) -> PersonRow | None:
    return session.get(PersonRow, name)


def people(session: Session) -> list[PersonRow]:
    return list(session.exec(select(PersonRow).order_by(col(PersonRow.name))))


def admins(session: Session) -> list[str]:
    return list(session.exec(select(PersonRow.name).where(PersonRow.role == "admin")))


def remove_person(session: Session, found: PersonRow) -> None:
    """Remove a person with every session of theirs."""
    session.delete(found)
    session.execute(delete(SessionRow).where(col(SessionRow.actor) == found.name))


def live_session(session: Session, digest: str, now: datetime) -> SessionRow | None:
    found = session.get(SessionRow, digest)
    return found if found is not None and found.expires_at > now else None


def end_session(session: Session, digest: str) -> None:
    session.execute(delete(SessionRow).where(col(SessionRow.digest) == digest))


def forget_expired(session: Session, now: datetime) -> None:
    """Drop sessions and links that can no longer be used."""
    session.execute(delete(SessionRow).where(col(SessionRow.expires_at) <= now))
    session.execute(delete(SignInLinkRow).where(col(SignInLinkRow.expires_at) <= now))


def use_link(session: Session, digest: str, now: datetime) -> str | None:
    """Use a link up and return whom it signs in; null when it is used, expired or unknown.

    One statement, so that of two browsers only one gets in.
    """
    statement = (
        update(SignInLinkRow)
        .where(
            col(SignInLinkRow.digest) == digest,
            col(SignInLinkRow.used_at).is_(None),
            col(SignInLinkRow.expires_at) > now,
        )
        .values(used_at=now)
        .returning(col(SignInLinkRow.actor))
    )
    return session.execute(statement).scalar_one_or_none()


def attempts(session: Session, key: str) -> AttemptRow | None:
    return session.get(AttemptRow, key)


def forget_attempts(session: Session, key: str) -> None:
    session.execute(delete(AttemptRow).where(col(AttemptRow.key) == key))
