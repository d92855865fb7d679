"""Writing the activity read model: the rows, and how far each user's stream has come."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from backend.storage.tables import Activity, ActivitySummary


class ActivityWriting:
    """Works inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock_stream(self, user_id: UUID) -> int:
        """Return the last sequence applied for a user, 0 for none.

        Until the transaction ends nobody else applies an event of this user.
        """
        locked = (
            select(col(ActivitySummary.applied_sequence))
            .where(col(ActivitySummary.user_id) == user_id)
            .with_for_update()
        )
        applied = (await self._connection.execute(locked)).scalar_one_or_none()
        if applied is not None:
            return applied
        fresh = ActivitySummary(user_id=user_id).model_dump()
        await self._connection.execute(
            upsert(ActivitySummary).values(fresh).on_conflict_do_nothing()
        )
        return (await self._connection.execute(locked)).scalar_one()

    async def add(self, activity: Activity) -> None:
        """Append a row; its position is the order in which it was applied."""
        row = activity.model_dump(exclude={"position"})
        await self._connection.execute(insert(Activity).values(row))

    async def advance(self, user_id: UUID, sequence: int, *, events: int) -> None:
        """Move the user's stream on to `sequence` and raise the count by `events`."""
        raised: dict[str, Any] = {
            "applied_sequence": sequence,
            "events": col(ActivitySummary.events) + events,
            "updated_at": datetime.now(UTC),
        }
        await self._connection.execute(
            update(ActivitySummary).where(col(ActivitySummary.user_id) == user_id).values(raised)
        )
