"""The outbox as the relay sees it: pending rows locked, marked, measured, pruned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, any_, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from backend.storage.tables import OutboxRow


@dataclass(frozen=True, slots=True)
class PendingRow:
    """A message that no broker has acknowledged yet."""

    position: int
    event_key: str
    routing_key: str
    headers: dict[str, Any]
    body: bytes


@dataclass(frozen=True, slots=True)
class PendingRows:
    """The first of what is pending, in order; `more` when the limits may have left some out."""

    rows: list[PendingRow]
    more: bool


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many rows are pending, and the age of the oldest in seconds (0 without one)."""

    depth: int
    oldest_seconds: float


class OutboxReading:
    """Works inside the caller's transaction, on its connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def lock_pending(self, limit: int, most_bytes: int) -> PendingRows:
        """Return up to `limit` pending rows in order, locked against other relays.

        Their bodies have `most_bytes` together, unless the first alone has more.
        The locks end with the transaction, also when this process is killed.
        """
        locked = (
            select(
                col(OutboxRow.position),
                col(OutboxRow.event_key),
                col(OutboxRow.routing_key),
                col(OutboxRow.headers),
                col(OutboxRow.body),
            )
            .where(col(OutboxRow.published_at).is_(None))
            .order_by(col(OutboxRow.position))
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("locked")
        )
        # The length of a body is known without reading it, so what is left out costs nothing.
        size = func.octet_length(locked.c.body)
        measured = select(
            locked,
            func.sum(size).over(order_by=locked.c.position).label("bytes"),
            func.min(locked.c.position).over().label("first"),
            func.count().over().label("found"),
        ).subquery()
        fitting = (
            select(measured)
            .where(or_(measured.c.bytes <= most_bytes, measured.c.position == measured.c.first))
            .order_by(measured.c.position)
        )
        found = (await self._connection.execute(fitting)).all()
        rows = [
            PendingRow(row.position, str(row.event_key), row.routing_key, row.headers, row.body)
            for row in found
        ]
        locked_rows = found[0].found if found else 0
        return PendingRows(rows, more=locked_rows == limit or locked_rows > len(rows))

    async def mark_published(self, positions: Sequence[int]) -> None:
        """Note that the broker has acknowledged these rows."""
        await self._connection.execute(
            update(OutboxRow)
            .where(col(OutboxRow.position) == any_(literal(positions, ARRAY(BigInteger))))
            .values(published_at=func.clock_timestamp())
        )

    async def backlog(self) -> Backlog:
        """Count what is pending; reads the partial index alone."""
        pending = col(OutboxRow.published_at).is_(None)
        depth = select(func.count()).select_from(OutboxRow).where(pending).scalar_subquery()
        oldest = (
            select(col(OutboxRow.created_at))
            .where(pending)
            .order_by(col(OutboxRow.position))
            .limit(1)
            .scalar_subquery()
        )
        count, created_at = (await self._connection.execute(select(depth, oldest))).one()
        age = (datetime.now(UTC) - created_at).total_seconds() if created_at else 0.0
        return Backlog(depth=count, oldest_seconds=max(0.0, age))

    async def prune(self, keep: timedelta, limit: int) -> int:
        """Remove rows published longer ago than `keep`; return how many went.

        Looks at the `limit` lowest positions only: a search by time would read
        the whole table whenever there is nothing to remove.
        """
        first = (
            select(col(OutboxRow.position), col(OutboxRow.published_at))
            .order_by(col(OutboxRow.position))
            .limit(limit)
            .subquery()
        )
        outdated = select(first.c.position).where(first.c.published_at < datetime.now(UTC) - keep)
        removed = await self._connection.execute(
            delete(OutboxRow).where(col(OutboxRow.position).in_(outdated))
        )
        return removed.rowcount
