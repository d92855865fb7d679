"""A worker and a PostgreSQL that answers, but not everybody in time."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.domain.errors import DatabaseBusyError
from backend.domain.messages import Envelope
from backend.domain.ordering import Placement
from backend.services.activity_effect import ActivityEffect
from tests.integration.backend_events.eventside import EventSide, eventually

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("patience_but_for_locks")]


class WatchedEffect(ActivityEffect):
    """The real effect, which counts the waits in vain and the probes of an outage."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self.in_vain = 0
        self.probes = 0

    async def apply(self, envelope: Envelope, body: bytes) -> Placement:
        try:
            return await super().apply(envelope, body)
        except DatabaseBusyError:
            self.in_vain += 1
            raise

    async def ping(self) -> None:
        self.probes += 1
        await super().ping()


async def test_one_locked_user_is_waited_for_and_is_no_outage(
    side: EventSide, far_engine: AsyncEngine
) -> None:
    user, effect = await side.user(), WatchedEffect(far_engine)
    await side.append(user, 2)
    first, second = await side.messages()

    async def waited_in_vain() -> bool:
        return effect.in_vain > 0

    async with side.worker(effect):
        await side.publish(first)
        await eventually(lambda: side.applied(user), [1])
        async with side.connection.transaction():
            await side.connection.execute("SELECT FROM activity_summaries FOR UPDATE")
            await side.publish(second)
            await eventually(waited_in_vain, wanted=True)
        await eventually(lambda: side.applied(user), [1, 2])
    assert effect.probes == 0
