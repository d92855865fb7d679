"""The inbox: which events a consumer has dealt with, so that a repeat has no effect."""

from typing import Literal
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from backend.storage.tables import InboxRow

Outcome = Literal["applied", "dead"]


class Inbox:
    """One consumer's inbox; works inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection, consumer: str) -> None:
        self._connection = connection
        self._consumer = consumer

    async def add(self, event_key: UUID, outcome: Outcome) -> None:
        """Record an event that had not been dealt with."""
        row = InboxRow(consumer=self._consumer, event_key=event_key, outcome=outcome)
        await self._connection.execute(insert(InboxRow).values(row.model_dump()))

    async def repeat(self, event_key: UUID) -> bool:
        """Count one more delivery of a known event; false when it is not known."""
        counted = await self._connection.execute(
            update(InboxRow)
            .where(col(InboxRow.consumer) == self._consumer, col(InboxRow.event_key) == event_key)
            .values(deliveries=col(InboxRow.deliveries) + 1)
        )
        return counted.rowcount > 0
