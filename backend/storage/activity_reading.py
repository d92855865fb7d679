"""A user's activity as its readers see it: one statement a page."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from backend.schemas.events import ActivityItem

# One row says whether there is such a user and how much there is of his; the page's rows
# come as one JSON document, so that an empty page still has that row; as text, since whether
# the driver has decoded a jsonb by itself depends on who opened the connection.
_PAGE = """
SELECT coalesce(summary.events, 0) AS total, page.items::text AS items
FROM users
LEFT JOIN activity_summaries AS summary ON summary.user_id = users.id
LEFT JOIN LATERAL (
  SELECT jsonb_agg(to_jsonb(item) ORDER BY item.sequence DESC) AS items FROM (
    SELECT source, id, type, sequence, time, data FROM activity
    WHERE user_id = users.id AND sequence < $2
    ORDER BY sequence DESC LIMIT $3
  ) AS item
) AS page ON true
WHERE users.id = $1
"""

_NO_BOUND = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ActivityRows:
    """One page, newest first, and the count of all that was applied for this user."""

    items: list[ActivityItem]
    total: int


async def read_activity(
    connection: Any, user_id: UUID, before: int | None, limit: int
) -> ActivityRows | None:
    """Return the events with a sequence below `before`; None when there is no such user."""
    row = await connection.fetchrow(_PAGE, user_id, before or _NO_BOUND, limit)
    if row is None:
        return None
    items = [ActivityItem.model_validate(item) for item in orjson.loads(row["items"] or "[]")]
    return ActivityRows(items, row["total"])
