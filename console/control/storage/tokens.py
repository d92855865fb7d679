"""Bearer tokens, by the digest of their value."""

from sqlmodel import Session, col, select

from console.control.storage.tables import TokenRow


def find(session: Session, digest: str) -> TokenRow | None:
    return session.get(TokenRow, digest)


def unrevoked(session: Session, name: str) -> TokenRow | None:
    """Return the token of that name that was not revoked; there is one at most."""
    query = select(TokenRow).where(TokenRow.name == name, col(TokenRow.revoked_at).is_(None))
    return session.exec(query).first()


def newest(session: Session) -> list[TokenRow]:
    return list(session.exec(select(TokenRow).order_by(col(TokenRow.created_at).desc())))
