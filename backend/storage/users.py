"""Users, one statement a method, inside the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.domain.errors import DuplicateEmailError
from backend.storage.failures import constraint
from backend.storage.tables import User

_EMAIL_CONSTRAINT = "users_email_key"


class Users:
    """The users of one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, user_id: UUID) -> User | None:
        return await self._session.get(User, user_id)

    async def by_email(self, email: str) -> User | None:
        statement = select(User).where(col(User.email) == email)
        return (await self._session.execute(statement)).scalar_one_or_none()

    async def page(self, after: tuple[datetime, UUID] | None, limit: int) -> Sequence[User]:
        """Return up to `limit` users, oldest first, that follow `after` (created_at, id)."""
        statement = select(User).order_by(col(User.created_at), col(User.id)).limit(limit)
        if after is not None:
            statement = statement.where(tuple_(col(User.created_at), col(User.id)) > after)
        return (await self._session.execute(statement)).scalars().all()

    async def add(self, user: User) -> None:
        """Insert `user` now.

        Raises:
            DuplicateEmailError: another has the address; the transaction is of no further use.
        """
        self._session.add(user)
        try:
            await self._session.flush()
        except IntegrityError as error:
            raise _translated(error) from error

    async def change(self, user_id: UUID, changes: dict[str, Any]) -> User | None:
        """Set the columns in `changes`; None when there is no such user. Raises as `add` does."""
        statement = update(User).where(col(User.id) == user_id).values(**changes).returning(User)
        try:
            return (await self._session.execute(statement)).scalar_one_or_none()
        except IntegrityError as error:
            raise _translated(error) from error

    async def remove(self, user_id: UUID) -> bool:
        """Delete the user's row; return whether there was one."""
        statement = delete(User).where(col(User.id) == user_id).returning(col(User.id))
        return (await self._session.execute(statement)).scalar_one_or_none() is not None


def _translated(error: IntegrityError) -> Exception:
    if constraint(error) == _EMAIL_CONSTRAINT:
        return DuplicateEmailError("Another user has this address.")
    return error
