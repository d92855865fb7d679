"""The events by which the product tells of its own changes.

They name what changed, never to what: the event log outlives a user, and an
address or a name should not.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from backend.storage.event_log import InTransaction, NewEvent, append_change

SOURCE = "urn:pharos:users"


async def tell_of_change(
    session: AsyncSession, type_: str, user_id: UUID, data: dict[str, Any]
) -> None:
    """Append an event of ours to the user's stream, in the transaction of the change itself."""
    now, identity = datetime.now(UTC), str(uuid4())
    document = {
        "specversion": "1.0",
        "id": identity,
        "source": SOURCE,
        "type": type_,
        "subject": str(user_id),
        "time": now.isoformat(),
        "datacontenttype": "application/json",
        "data": data,
    }
    event = NewEvent(SOURCE, identity, type_, user_id, now, document)
    await append_change(InTransaction(session), event)
