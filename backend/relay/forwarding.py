"""From the outbox to the broker, one batch at a time, at least once.

A batch is one transaction: its rows are locked, published, and those that the
broker acknowledged are marked. Killed at any point, the locks end with the
connection, and whatever is unmarked is published again: a message may go out
twice, none is skipped. Several relays may run; each skips what another has
locked. They may then overtake each other, which the consumer's order by
sequence makes good.
"""

import asyncio
import logging
from dataclasses import dataclass
from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine

from backend.broker.publisher import Confirm, Outgoing, Publisher
from backend.broker.topology import EXCHANGE
from backend.domain.messages import REQUEST_ID, TRACEPARENT
from backend.observability.context import working_on
from backend.observability.spans import Span, Spans
from backend.observability.work import Work
from backend.relay.metrics import RelayMetrics
from backend.storage.outbox_reading import OutboxReading, PendingRow
from backend.storage.rejection import rejection_apart

log = logging.getLogger(__name__)

# Also the most messages that are unconfirmed at a time.
BATCH = 500
# Read within a statement's time, written within a turn of the loop that nobody notices, and
# far below what the broker takes before it holds publishers back.
BATCH_BYTES = 16 * 1024 * 1024
# Shorter than the server's limit for a transaction that waits.
CONFIRM_SECONDS = 5.0
ROUTING_KEY_BYTES = 255
_SENDING = {
    "messaging.system": "rabbitmq",
    "messaging.operation.name": "send",
    "messaging.destination.name": EXCHANGE,
}
_PUBLISHED = {
    confirm: Work(
        log,
        "publish",
        f"message {confirm}",
        level=logging.INFO if confirm is Confirm.ACKED else logging.WARNING,
    )
    for confirm in Confirm
}


@dataclass(frozen=True, slots=True)
class Batch:
    """How many rows were taken, and how the broker answered those that it did not acknowledge.

    `is_full` when there may be more than a batch takes.
    """

    taken: int
    is_full: bool = False
    failed: frozenset[Confirm] = frozenset()


class Forwarder:
    """Publishes over one link."""

    def __init__(
        self, engine: AsyncEngine, publisher: Publisher, metrics: RelayMetrics, spans: Spans
    ) -> None:
        self._engine = engine
        self._publisher = publisher
        self._metrics = metrics
        self._spans = spans
        self._loop = asyncio.get_running_loop()

    async def forward(self) -> Batch:
        """Publish the next batch and mark what was acknowledged.

        Raises:
            DatabaseUnavailableError: nothing was marked; it will go out again.
        """
        with rejection_apart(self._metrics.failures):
            async with self._engine.begin() as connection:
                outbox = OutboxReading(connection)
                pending = await outbox.lock_pending(BATCH, BATCH_BYTES)
                if not pending.rows:
                    return Batch(taken=0)
                confirms = await self._publish(pending.rows)
                acked = [position for position, how in confirms.items() if how is Confirm.ACKED]
                if acked:
                    await outbox.mark_published(acked)
        failed = frozenset(confirms.values()) - {Confirm.ACKED}
        return Batch(len(pending.rows), pending.more, failed)

    async def _publish(self, rows: list[PendingRow]) -> dict[int, Confirm]:
        began = self._loop.time()
        answers = {row.position: self._send(row, began) for row in rows}
        self._metrics.unconfirmed.set(self._publisher.unconfirmed)
        _, silent = await asyncio.wait(answers.values(), timeout=CONFIRM_SECONDS)
        for answer in silent:
            answer.set_result(Confirm.LOST)
        # The callbacks of answers that came last run with the loop's next turn.
        await asyncio.sleep(0)
        self._metrics.unconfirmed.set(self._publisher.unconfirmed)
        return {position: answer.result() for position, answer in answers.items()}

    def _send(self, row: PendingRow, began: float) -> asyncio.Future[Confirm]:
        span = self._spans.start("producer", row.headers.get(TRACEPARENT))
        answer = self._publisher.publish(_outgoing(row, span))
        answer.add_done_callback(partial(self._confirmed, row, span, began))
        return answer

    def _confirmed(
        self, row: PendingRow, span: Span, began: float, answer: asyncio.Future[Confirm]
    ) -> None:
        confirm, seconds = answer.result(), self._loop.time() - began
        self._metrics.confirmed(confirm, seconds)
        span.end(f"send {EXCHANGE}", _SENDING, failed=confirm is not Confirm.ACKED)
        fields = {"event.id": row.event_key, "event.duration": int(seconds * 1e9)}
        with working_on(row.headers.get(REQUEST_ID), span.traceparent):
            _PUBLISHED[confirm].done(fields)


def _outgoing(row: PendingRow, span: Span) -> Outgoing:
    routing_key = row.routing_key.encode()[:ROUTING_KEY_BYTES].decode(errors="ignore")
    told = row.headers | {TRACEPARENT: span.traceparent}
    headers = {name: value for name, value in told.items() if value is not None}
    return Outgoing(EXCHANGE, routing_key, row.event_key, row.body, headers)
