"""A user's activity: what the worker has applied so far, newest first."""

from uuid import UUID

from backend.domain.cursors import activity_cursor, read_activity_cursor
from backend.domain.errors import UnknownUserError
from backend.schemas.events import ActivityPage
from backend.storage.activity_reading import read_activity
from backend.storage.database import Database


class ActivityService:
    """The read side of events."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, user_id: UUID, cursor: str | None, limit: int) -> ActivityPage:
        """Return up to `limit` events, fewer where they are large.

        Raises:
            UnknownUserError: no such user, or no longer.
            BadCursorError: the cursor is none of ours.
            DependencyUnavailableError: PostgreSQL is away.
        """
        before = read_activity_cursor(cursor) if cursor is not None else None
        async with self._database.autocommit() as connection:
            rows = await read_activity(connection, user_id, before, limit)
        if rows is None:
            raise UnknownUserError(f"There is no user {user_id}.")
        following = activity_cursor(rows.items[-1].sequence) if rows.more else None
        return ActivityPage(items=rows.items, total=rows.total, next_cursor=following)
