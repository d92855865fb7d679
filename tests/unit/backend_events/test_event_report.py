"""When a drain is over, and what it says while it is not."""

from dataclasses import replace

from backend.broker.topology import ACTIVITY
from backend.services.event_report import EventReport
from backend.storage.event_totals import EventTotals

DONE = EventTotals(
    accepted=10, outbox=0, consumed=9, buried=1, duplicates=2, lag_seconds=0, by_type={"a": 10}
)
EMPTY = dict.fromkeys(ACTIVITY.arguments(), 0)


def test_all_dealt_with_and_empty_queues_are_drained_whatever_died() -> None:
    assert EventReport(DONE, {**EMPTY, ACTIVITY.dead: 1}).is_drained


def test_a_row_in_the_outbox_is_not_drained() -> None:
    report = EventReport(replace(DONE, outbox=1), EMPTY)
    assert not report.is_drained
    assert "1 in the outbox" in report.left()


def test_an_event_in_a_workers_hands_is_not_drained() -> None:
    report = EventReport(replace(DONE, consumed=8), EMPTY)
    assert not report.is_drained
    assert "1 not dealt with" in report.left()


def test_a_message_in_a_retry_queue_is_not_drained() -> None:
    queue = ACTIVITY.retries[1][1]
    report = EventReport(DONE, {**EMPTY, queue: 3})
    assert not report.is_drained
    assert f"3 in {queue}" in report.left()


def test_a_broker_that_is_away_is_not_drained_and_is_named() -> None:
    report = EventReport(DONE, None, "RabbitMQ at 127.0.0.1:1: refused")
    assert not report.is_drained
    assert "refused" in report.left()
    assert report.stats().dead == 1


def test_stats_take_the_dead_from_their_queue() -> None:
    stats = EventReport(DONE, {**EMPTY, ACTIVITY.dead: 4}).stats()
    assert (stats.accepted, stats.published, stats.consumed, stats.dead) == (10, 10, 9, 4)
