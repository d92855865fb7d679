"""What can be done with users; each method is one transaction."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.cursors import read_user_cursor, user_cursor
from backend.domain.errors import IdempotencyMisuseError, UnknownUserError
from backend.schemas.users import UserCreate, UserPage, UserPublic, UserUpdate, address
from backend.services.accepted import AcceptedEvents
from backend.services.change_events import tell_of_change
from backend.services.user_cache import UserCache
from backend.storage.database import Database
from backend.storage.idempotency import claim_key
from backend.storage.tables import User
from backend.storage.users import Users

CREATED = 201


@dataclass(frozen=True, slots=True)
class IdempotencyClaim:
    """A caller's key for a request; two callers' equal keys are two keys."""

    caller: str
    key: str

    @property
    def stored(self) -> str:
        return f"{self.caller}:{self.key}"


class UserService:
    """Reads raise UnknownUserError; all raise DependencyUnavailableError without PostgreSQL."""

    def __init__(self, database: Database, cache: UserCache, accepted: AcceptedEvents) -> None:
        self._database = database
        self._cache = cache
        self._accepted = accepted

    async def create(self, wanted: UserCreate, claim: IdempotencyClaim | None = None) -> UserPublic:
        """Create a user, or return the one that the same claim created first.

        Only what was created is remembered under a claim: a refusal has no
        effect that would need protection, and is judged anew.

        Raises:
            DuplicateEmailError: another user has the address.
            IdempotencyMisuseError: the claim came first with another request.
        """
        user = _new_user(wanted)
        public = _public(user)
        async with self._database.transaction() as session:
            if claim is not None:
                first = await _first_answer(session, claim, wanted, public)
                if first is not None:
                    return first
            await Users(session).add(user)
            await tell_of_change(session, "user.created", user.id, {})
        self._accepted.new("user.created")
        return public

    async def read(self, user_id: UUID) -> bytes:
        """Return the user as the JSON that is sent."""

        async def load() -> bytes:
            async with self._database.transaction() as session:
                user = await Users(session).get(user_id)
            if user is None:
                raise _unknown(user_id)
            return _public(user).model_dump_json().encode()

        return await self._cache.read(user_id, load)

    async def change(self, user_id: UUID, wanted: UserUpdate) -> UserPublic:
        """Change the fields that are present.

        Raises:
            DuplicateEmailError: another user has the address.
        """
        changes: dict[str, Any] = wanted.model_dump(exclude_unset=True)
        if "email" in changes:
            changes["email"] = _normal(changes["email"])

        async def work(session: AsyncSession) -> UserPublic:
            stamped = {**changes, "updated_at": datetime.now(UTC)}
            user = await Users(session).change(user_id, stamped)
            if user is None:
                raise _unknown(user_id)
            await tell_of_change(session, "user.updated", user_id, {"changed": sorted(changes)})
            return _public(user)

        if not changes:
            return UserPublic.model_validate_json(await self.read(user_id))
        return await self._cache.change(user_id, work, self._counting("user.updated"))

    async def delete(self, user_id: UUID) -> None:
        """Remove the user; what happened to him stays in the event log."""

        async def work(session: AsyncSession) -> None:
            if not await Users(session).remove(user_id):
                raise _unknown(user_id)
            await tell_of_change(session, "user.deleted", user_id, {})

        await self._cache.change(user_id, work, self._counting("user.deleted"))

    def _counting(self, type_: str) -> Callable[[], None]:
        return partial(self._accepted.new, type_)

    async def page(self, cursor: str | None, limit: int) -> UserPage:
        """Return up to `limit` users, oldest first.

        Raises:
            BadCursorError: the cursor is none of ours.
        """
        after = read_user_cursor(cursor) if cursor is not None else None
        async with self._database.transaction() as session:
            # One more than asked for tells whether there is a next page.
            users = await Users(session).page(after, limit + 1)
        items, more = users[:limit], len(users) > limit
        following = user_cursor(items[-1].created_at, items[-1].id) if more else None
        return UserPage(items=[_public(user) for user in items], next_cursor=following)

    async def find(self, email: str) -> UserPage:
        """Return a page with the user who has this address, or an empty one."""
        if (spelt := address(email)) is None:
            return UserPage(items=[])
        async with self._database.transaction() as session:
            user = await Users(session).by_email(_normal(spelt))
        return UserPage(items=[_public(user)] if user is not None else [])


async def _first_answer(
    session: AsyncSession, claim: IdempotencyClaim, wanted: UserCreate, answer: UserPublic
) -> UserPublic | None:
    fingerprint = hashlib.sha256(wanted.model_dump_json().encode()).hexdigest()
    body = answer.model_dump_json().encode()
    first = await claim_key(session, claim.stored, fingerprint, CREATED, body)
    if first is None:
        return None
    if first.fingerprint != fingerprint:
        raise IdempotencyMisuseError("This key was used for another request: use a new one.")
    return UserPublic.model_validate_json(first.body)


def _new_user(wanted: UserCreate) -> User:
    now = datetime.now(UTC)
    return User(
        id=uuid4(), email=_normal(wanted.email), name=wanted.name, created_at=now, updated_at=now
    )


def _normal(email: str) -> str:
    """Addresses that differ in case alone reach one mailbox nearly everywhere: one user."""
    return email.lower()


def _public(user: User) -> UserPublic:
    return UserPublic.model_validate(user, from_attributes=True)


def _unknown(user_id: UUID) -> UnknownUserError:
    return UnknownUserError(f"There is no user {user_id}.")
