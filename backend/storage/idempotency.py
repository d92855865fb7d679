"""Idempotency keys: who comes first with a key decides its answer."""

from datetime import UTC, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from backend.storage.tables import IdempotencyKey


async def claim_key(
    session: AsyncSession, key: str, fingerprint: str, status: int, body: bytes
) -> IdempotencyKey | None:
    """Write down the answer that this transaction is about to give under `key`.

    Return None when the key was free, else what was answered first. While
    another transaction holds the key, wait for its end: if it rolls back, the
    key is free again.
    """
    statement = (
        insert(IdempotencyKey)
        .values(
            key=key,
            fingerprint=fingerprint,
            status=status,
            body=body,
            created_at=datetime.now(UTC),
        )
        .on_conflict_do_nothing()
        .returning(col(IdempotencyKey.key))
    )
    if (await session.execute(statement)).scalar_one_or_none() is not None:
        return None
    return await session.get_one(IdempotencyKey, key)
