"""The event side inside a test: append events, run relay and worker, look at what came of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID, uuid4

import asyncpg
import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.broker.deliveries import Delivery, Subscription
from backend.broker.depths import queue_depths
from backend.broker.links import Link
from backend.broker.publisher import Confirm, Outgoing, Publisher
from backend.broker.session import keep_connected
from backend.broker.topology import EXCHANGE, ConsumerQueues
from backend.consumers.metrics import ConsumerMetrics
from backend.consumers.outage import OutageGate
from backend.consumers.session import ActivitySession
from backend.domain.messages import Envelope
from backend.domain.ordering import Placement
from backend.observability.catalogue import Process
from backend.observability.errors import ErrorReports
from backend.observability.metrics import Instruments
from backend.observability.spans import Spans, Unrecorded
from backend.relay.housekeeping import Housekeeping
from backend.relay.metrics import RelayMetrics
from backend.relay.session import RelaySession
from backend.services.activity_effect import ActivityEffect
from backend.settings import Settings
from backend.storage.event_log import NewEvent, append_event
from tests.fixtures.running import PATIENCE

# The product's queues with delays that a test can wait for.
QUEUES = ConsumerQueues.of("activity", delays=(0.1, 0.2, 0.3))
SOURCE = "urn:test"
T = TypeVar("T")


class ScriptedEffect(ActivityEffect):
    """The real effect, which fails for an event as often as it is told to.

    `begun` is set by the first that was applied.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self.failures: dict[int, int] = {}
        self.attempts: list[int] = []
        self.begun = asyncio.Event()

    async def apply(self, envelope: Envelope, body: bytes) -> Placement:
        if self.failures.get(envelope.sequence, 0) > 0 and await self._is_next(envelope):
            self.failures[envelope.sequence] -= 1
            self.attempts.append(envelope.attempts)
            raise RuntimeError("told to fail")
        placement = await super().apply(envelope, body)
        self.begun.set()
        return placement

    async def _is_next(self, envelope: Envelope) -> bool:
        async with self._writing() as writing:
            return await writing.applied_sequence(envelope.user_id) == envelope.sequence - 1


@dataclass
class EventSide:
    """One database and one vhost, with what a test does to them."""

    settings: Settings
    connection: asyncpg.Connection
    engine: AsyncEngine
    link: Link
    publisher: Publisher
    effect: ScriptedEffect = field(init=False)
    spans: Spans = field(default_factory=Unrecorded)

    def __post_init__(self) -> None:
        self.effect = ScriptedEffect(self.engine)

    async def user(self) -> UUID:
        """Add a user."""
        user = uuid4()
        await self.connection.execute(
            "INSERT INTO users (id, email, name, created_at, updated_at) "
            "VALUES ($1, $2, 'A', now(), now())",
            user,
            f"{user}@example.org",
        )
        return user

    async def append(self, user: UUID, count: int = 1, data: Any = None) -> None:
        """Append events to a user's stream, as the API does."""
        for _ in range(count):
            name = uuid4().hex
            document = {
                "specversion": "1.0",
                "source": SOURCE,
                "id": name,
                "type": "page.viewed",
                "subject": str(user),
                "data": data,
            }
            event = NewEvent(SOURCE, name, "page.viewed", user, None, document)
            assert await append_event(self.connection, event) is not None

    async def messages(self) -> list[Outgoing]:
        """Return the outbox as the relay would publish it."""
        rows = await self.connection.fetch("SELECT * FROM outbox ORDER BY position")
        return [
            Outgoing(
                EXCHANGE,
                row["routing_key"],
                str(row["event_key"]),
                row["body"],
                {k: v for k, v in orjson.loads(row["headers"]).items() if v is not None},
            )
            for row in rows
        ]

    async def publish(self, *messages: Outgoing) -> None:
        """Publish past the relay."""
        for message in messages:
            assert await self.publisher.publish(message) is Confirm.ACKED

    async def value(self, query: str, *parameters: Any) -> Any:
        return await self.connection.fetchval(query, *parameters)

    async def applied(self, user: UUID) -> list[int]:
        """Return a user's sequences in the order in which they were applied."""
        rows = await self.connection.fetch(
            "SELECT sequence FROM activity WHERE user_id = $1 ORDER BY position", user
        )
        return [row["sequence"] for row in rows]

    async def next_dead(self) -> Delivery:
        """Wait for a message in the dead-letter queue and take it."""
        arrived: asyncio.Queue[Delivery] = asyncio.Queue()
        subscription = await Subscription.start(self.link, QUEUES.dead, 1, arrived.put_nowait)
        delivery = await asyncio.wait_for(arrived.get(), PATIENCE)
        delivery.ack()
        await subscription.stop()
        return delivery

    async def depths(self) -> dict[str, int]:
        """Return the messages that are ready in each queue."""
        return await queue_depths(self.settings, QUEUES)

    async def waiting(self) -> int:
        """Return what waits for a worker; what an ended one gave back is there a little later."""
        return (await self.depths())[QUEUES.main]

    @asynccontextmanager
    async def worker(
        self, effect: ActivityEffect | None = None, **settings: Any
    ) -> AsyncIterator[asyncio.Event]:
        """Run a worker; the event yielded stops it."""
        effect = effect or self.effect
        instruments = Instruments(Process.WORKER, "test")
        stopping = asyncio.Event()
        session = ActivitySession(
            effect=effect,
            gate=OutageGate(effect.ping, stopping),
            stopping=stopping,
            metrics=ConsumerMetrics(instruments, "activity"),
            errors=ErrorReports(instruments),
            concurrency=4,
            finish_seconds=5,
            queues=QUEUES,
            spans=self.spans,
        )
        async with _kept(self.settings.model_copy(update=settings), session.serve, stopping):
            yield stopping

    @asynccontextmanager
    async def relay(
        self, engine: AsyncEngine | None = None, **settings: Any
    ) -> AsyncIterator[RelayMetrics]:
        """Run a relay."""
        metrics = RelayMetrics(Instruments(Process.RELAY, "test"))
        stopping = asyncio.Event()
        session = RelaySession(engine or self.engine, metrics, stopping, QUEUES, self.spans)
        async with _kept(self.settings.model_copy(update=settings), session.serve, stopping):
            yield metrics

    def housekeeping(self, instruments: Instruments | None = None) -> Housekeeping:
        metrics = RelayMetrics(instruments or Instruments(Process.RELAY, "test"))
        return Housekeeping(self.engine, metrics, asyncio.Event())


@asynccontextmanager
async def _kept(
    settings: Settings, serve: Callable[[Link], Awaitable[None]], stopping: asyncio.Event
) -> AsyncIterator[None]:
    task = asyncio.create_task(keep_connected(settings, serve, stopping, lambda _up: None))
    try:
        yield
    finally:
        stopping.set()
        await asyncio.wait_for(task, 30)


async def eventually(
    read: Callable[[], Awaitable[T]], wanted: T, seconds: float = PATIENCE
) -> None:
    """Wait until `read` returns what is wanted; fails with what it returned last."""
    last = await read()
    try:
        async with asyncio.timeout(seconds):
            while last != wanted:
                await asyncio.sleep(0.02)
                last = await read()
    except TimeoutError:
        raise AssertionError(f"not within {seconds} s: {wanted!r}; last seen: {last!r}") from None
