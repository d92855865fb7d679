"""The activity consumer: from a delivery to an effect that happens once and in order.

What may happen to a delivery, and what is done:

    envelope unreadable ............. dead-letter queue at once, ack
    sequence <= applied   Duplicate   the inbox counts it, no effect, ack
    sequence >  applied+1 Defer       held in memory for HOLD_SECONDS, looked at again whenever
                                      an earlier one arrives and every HOLD_STEP_SECONDS; then
                                      through the 1 s retry queue, no attempt counted, ack
    sequence == applied+1 Apply       inbox + activity + summary in one transaction, ack
      PostgreSQL is away .............. kept in hand, nobody's attempt is counted; the gate holds
                                      every lane until a probe succeeds, then it is tried again;
                                      merely busy, it is tried again and holds nobody else
      the body is unreadable  Dead      as below, without further attempts
      the handling fails      Retry     copy to the retry queue of 1, 5, then 25 s, confirmed, ack;
                                      successors find a gap and are deferred: the order holds
      it failed 4 times       Dead      copy to the dead-letter queue, confirmed; then inbox
                                      (outcome dead) and the stream moves on, so that successors
                                      do; the count of events is not raised; ack

Killed anywhere, the worker leaves the delivery unacknowledged, and it comes
again: as a Duplicate if the transaction had been committed. Killed between a
confirmed copy and the ack, both copy and original go on; the inbox lets one of
them have the effect. Killed between dead-lettering and its record, the message
may be dead-lettered twice under one message id: that is preferred to losing it.

A lost link drops everything in hand: it comes again over the next one. A
predecessor that never comes (only an operator who purges a queue can do that)
holds its user back for good: the lag grows, and the deferrals are logged.
"""

import asyncio
import logging

from backend.broker.deliveries import Delivery
from backend.broker.publisher import Publisher
from backend.broker.topology import ConsumerQueues
from backend.consumers.lanes import InHand, Lane, Lanes
from backend.consumers.metrics import ConsumerMetrics, Outcome
from backend.consumers.outage import OutageGate
from backend.consumers.settling import Settling
from backend.domain.errors import DatabaseUnavailableError
from backend.domain.messages import Envelope, UnreadableMessageError
from backend.domain.ordering import Apply, Dead, Defer, Duplicate, Placement, Retry, after_failure
from backend.observability.context import working_on
from backend.observability.errors import ErrorReports
from backend.observability.spans import Attributes, Spans
from backend.observability.work import Work
from backend.resilience.backoff import pause
from backend.services.activity_effect import ActivityEffect

log = logging.getLogger(__name__)

HOLD_SECONDS = 0.25
HOLD_STEP_SECONDS = 0.05
DEFERRALS_WORTH_A_WARNING = 60

Decision = Placement | Retry | Dead
_OUTCOMES: dict[type[Decision], Outcome] = {
    Apply: "applied",
    Duplicate: "duplicate",
    Retry: "retried",
    Dead: "dead",
}
_HANDLED = {
    outcome: Work(
        log,
        "handle",
        f"event {outcome}",
        level=logging.INFO if outcome in ("applied", "duplicate") else logging.WARNING,
    )
    for outcome in _OUTCOMES.values()
}


class ActivityConsumer:
    """Handles what one link delivers; `lanes.fault` tells when it cannot go on."""

    def __init__(  # noqa: PLR0913 - the parts it is wired from, each by name
        self,
        *,
        effect: ActivityEffect,
        queues: ConsumerQueues,
        publisher: Publisher,
        gate: OutageGate,
        stopping: asyncio.Event,
        metrics: ConsumerMetrics,
        errors: ErrorReports,
        spans: Spans,
        concurrency: int,
    ) -> None:
        self._effect = effect
        self._settling = Settling(publisher, queues)
        self._delays = queues.delays
        self._told = (f"process {queues.main}", _processing(queues.main))
        self._gate = gate
        self._stopping = stopping
        self._metrics = metrics
        self._errors = errors
        self._spans = spans
        self._slots = asyncio.Semaphore(concurrency)
        self._loop = asyncio.get_running_loop()
        self.lanes = Lanes(self._work)

    def receive(self, delivery: Delivery) -> None:
        """Take a delivery in hand; it is answered later, or never if the link is lost."""
        try:
            envelope = Envelope.read(delivery.message_id, delivery.headers)
        except UnreadableMessageError as error:
            self.lanes.start(self._bury_unreadable(delivery, error))
        else:
            message = InHand(envelope.sequence, self._loop.time(), envelope, delivery)
            self.lanes.add(envelope.user_id, message)

    async def _bury_unreadable(self, delivery: Delivery, error: UnreadableMessageError) -> None:
        await self._settling.bury_unreadable(delivery, str(error))
        self._metrics.settled("dead")
        log.error("an unreadable message went to the dead letters: %s", error)

    async def _work(self, lane: Lane) -> None:
        while len(lane) and not self._stopping.is_set():
            message = lane.pop()
            if await self._handle(message):
                lane.put_back(message)
                await self._hold(lane)

    async def _handle(self, message: InHand) -> bool:
        """Deal with one message; return whether it has to wait for a predecessor."""
        began = self._loop.time()
        envelope = message.envelope
        span = self._spans.start("consumer", envelope.traceparent)
        with working_on(envelope.request_id, span.traceparent):
            decision = await self._decide(message)
            if isinstance(decision, Defer):
                return True
            if decision is not None:
                await self._settle(message, decision)
                self._metrics.took(self._loop.time() - began)
                span.end(*self._told, failed=isinstance(decision, Retry | Dead))
        return False

    async def _decide(self, message: InHand) -> Decision | None:
        """Try to apply the event; None when the process stops before PostgreSQL is back."""
        while await self._gate.passed():
            try:
                async with self._slots:
                    return await self._effect.apply(message.envelope, message.delivery.body)
            except DatabaseUnavailableError as error:
                await self._wait_out(message, error)
            except UnreadableMessageError as error:
                return Dead(str(error))
            except Exception as error:  # noqa: BLE001 - whatever it is, it must not stop the others
                attempts = message.envelope.attempts + 1
                self._tell(error, attempts)
                return after_failure(attempts, self._delays, type(error).__name__)
        return None

    def _tell(self, error: Exception, attempts: int) -> None:
        """Report the first failure; those of the same event's further attempts are logged."""
        words = "an event could not be handled"
        if attempts == 1:
            self._errors.capture(error, words, route="consume activity")
        else:
            log.warning("%s, attempt %d", words, attempts, exc_info=error)

    async def _settle(self, message: InHand, decision: Apply | Duplicate | Retry | Dead) -> None:
        match decision:
            case Retry(delay):
                await self._settling.retry(message, delay)
            case Dead(reason):
                await self._give_up(message, reason)
            case Apply():
                message.delivery.ack()
                self._metrics.applied(message.envelope.accepted_at)
            case Duplicate():
                message.delivery.ack()
        outcome = _OUTCOMES[type(decision)]
        self._metrics.settled(outcome, message.envelope.event_type)
        _HANDLED[outcome].done(self._work_fields(message))

    def _work_fields(self, message: InHand) -> dict[str, str | int]:
        taken = self._loop.time() - message.arrived
        return _fields(message.envelope) | {"event.duration": int(taken * 1e9)}

    async def _give_up(self, message: InHand, reason: str) -> None:
        await self._settling.to_dead_letters(message.delivery, message.envelope, reason)
        while await self._gate.passed():
            try:
                async with self._slots:
                    await self._effect.bury(message.envelope)
            except DatabaseUnavailableError as error:
                await self._wait_out(message, error)
            else:
                message.delivery.ack()
                return

    async def _wait_out(self, message: InHand, error: DatabaseUnavailableError) -> None:
        """Hold everyone while PostgreSQL is away, and this message a little longer each time.

        Its own delay keeps one event that the server cannot take (a column that
        a migration has yet to add) from shutting the gate over and over. A
        server that is merely busy, or one user's lock, holds nobody else.
        """
        if error.away:
            self._gate.shut(error)
        await pause(self._stopping, message.outages.next())

    async def _hold(self, lane: Lane) -> None:
        """Wait for a predecessor; give up holding what has been in hand for too long."""
        early = lane.take_arrived_before(self._loop.time() - HOLD_SECONDS)
        if early:
            await self._settling.park(early)
        for message in early:
            self._metrics.settled("deferred", message.envelope.event_type)
            deferrals = message.envelope.deferrals + 1
            level = logging.DEBUG if deferrals % DEFERRALS_WORTH_A_WARNING else logging.WARNING
            log.log(level, "event deferred %d times", deferrals, extra=_fields(message.envelope))
        if len(lane):
            await lane.wait_for_earlier(HOLD_STEP_SECONDS)


def _processing(queue: str) -> Attributes:
    return {
        "messaging.system": "rabbitmq",
        "messaging.operation.name": "process",
        "messaging.destination.name": queue,
    }


def _fields(envelope: Envelope) -> dict[str, str | int]:
    return {
        "event.id": str(envelope.event_key),
        "event.sequence": envelope.sequence,
        "user.id": str(envelope.user_id),
    }
