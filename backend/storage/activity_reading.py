"""A user's activity as its readers see it: one statement a page."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from backend.schemas.events import ActivityItem

# Reading a page, and answering with it, must not keep a replica's loop from all others.
PAGE_BYTES = 1024 * 1024

# One row says whether there is such a user and how much there is of his; the page's rows
# come as one JSON document, so that an empty page still has that row. It is put together as
# text: each row is written out once, and the text is what is measured.
_PAGE = """
SELECT coalesce(summary.events, 0) AS total, page.items, coalesce(page.more, false) AS more
FROM users
LEFT JOIN activity_summaries AS summary ON summary.user_id = users.id
LEFT JOIN LATERAL (
  SELECT
    '[' || string_agg(shown, ',' ORDER BY sequence DESC) FILTER (WHERE fits) || ']' AS items,
    NOT bool_and(fits) AS more
  FROM (
    SELECT sequence, shown, row_number() OVER newest = 1 OR (
      row_number() OVER newest <= $3 AND sum(octet_length(shown)) OVER newest <= $4
    ) AS fits
    FROM (
      SELECT sequence, to_json(read)::text AS shown FROM (
        SELECT source, id, type, sequence, time, data FROM activity
        WHERE user_id = users.id AND sequence < $2
        ORDER BY sequence DESC LIMIT $3::bigint + 1
      ) AS read
    ) AS written
    WINDOW newest AS (ORDER BY sequence DESC ROWS UNBOUNDED PRECEDING)
  ) AS measured
) AS page ON true
WHERE users.id = $1
"""

_NO_BOUND = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ActivityRows:
    """One page, newest first, whether older ones follow, and the count of all of this user's."""

    items: list[ActivityItem]
    more: bool
    total: int


async def read_activity(
    connection: Any, user_id: UUID, before: int | None, limit: int
) -> ActivityRows | None:
    """Return the events with a sequence below `before`; None when there is no such user.

    They are `limit` at most, and fewer where more would pass `PAGE_BYTES`; but one at least.
    """
    row = await connection.fetchrow(_PAGE, user_id, before or _NO_BOUND, limit, PAGE_BYTES)
    if row is None:
        return None
    items = [ActivityItem.model_validate(item) for item in orjson.loads(row["items"] or "[]")]
    return ActivityRows(items, row["more"], row["total"])
