"""Removing answers to keyed requests that nobody repeats any more."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from backend.storage.tables import IdempotencyKey


async def remove_old_answers(connection: AsyncConnection, keep: timedelta, limit: int) -> int:
    """Remove up to `limit` answers given longer ago than `keep`; return how many went."""
    outdated = (
        select(col(IdempotencyKey.key))
        .where(col(IdempotencyKey.created_at) < datetime.now(UTC) - keep)
        .order_by(col(IdempotencyKey.created_at))
        .limit(limit)
    )
    removed = await connection.execute(
        delete(IdempotencyKey).where(col(IdempotencyKey.key).in_(outdated))
    )
    return removed.rowcount
