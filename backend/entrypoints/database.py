"""The schema at start-up: every API replica brings it up to date; who comes first does the work.

Relay and worker wait for tables that are not there yet as they wait for PostgreSQL.
"""

import asyncio
import logging

from backend.domain.errors import DatabaseUnavailableError
from backend.entrypoints.runtime import Runtime
from backend.storage.migrate import migrate

logger = logging.getLogger(__name__)

RETRY_SECONDS = 1.0


async def migrated(runtime: Runtime) -> None:
    """Return once the schema is up to date; while PostgreSQL is away, keep trying."""
    while True:
        try:
            await migrate(runtime.settings)
        except DatabaseUnavailableError as error:
            logger.warning(
                "The schema is not up to date yet: %s",
                error,
                extra={"event.action": "migrate", "pharos.cause": repr(error.__cause__)},
            )
            await asyncio.sleep(RETRY_SECONDS)
        else:
            return
