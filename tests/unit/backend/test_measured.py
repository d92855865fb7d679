"""What is measured beside requests: collections, the loop, refusals of PostgreSQL, events."""

import asyncio
import gc
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

import asyncpg
import pytest

from backend.consumers.metrics import ConsumerMetrics
from backend.domain.errors import DatabaseUnavailableError
from backend.observability.catalogue import Process
from backend.observability.exposition import MetricsServer
from backend.observability.garbage import collections_timed
from backend.observability.metrics import Instruments
from backend.observability.vitals import vitals
from backend.services.accepted import AcceptedEvents
from backend.storage.failures import Failures, translated
from backend.storage.rejection import rejection_apart
from tests.fixtures.running import eventually


def _instruments(process: Process = Process.API) -> Instruments:
    return Instruments(process, "test")


def _exposed(instruments: Instruments) -> list[str]:
    return instruments.exposition()[0].decode().splitlines()


def test_a_collection_is_timed_by_its_generation_and_no_longer_than_asked() -> None:
    instruments = _instruments()
    gc.disable()  # none but the one that is asked for
    try:
        with collections_timed(instruments):
            gc.collect(1)
        gc.collect(1)
    finally:
        gc.enable()
    lines = _exposed(instruments)
    assert 'pharos_gc_pause_seconds_count{generation="1"} 1.0' in lines


async def test_the_loop_is_watched_while_the_block_runs() -> None:
    instruments = _instruments()
    async with vitals(instruments):
        none = "pharos_event_loop_lag_seconds_count 0.0"
        exposed = partial(_exposed, instruments)
        assert none in exposed()
        await asyncio.to_thread(eventually, exposed, lambda lines: none not in lines, "a look")


@pytest.mark.parametrize("guard", [translated, rejection_apart])
def test_what_postgresql_did_not_serve_is_counted_by_why(
    guard: Callable[[Failures], AbstractContextManager[None]],
) -> None:
    instruments = _instruments()
    failures = Failures(instruments)
    for error in (ConnectionRefusedError(), asyncpg.QueryCanceledError(), OSError()):
        with pytest.raises(DatabaseUnavailableError), guard(failures):
            raise error
    lines = _exposed(instruments)
    assert 'pharos_db_errors_total{kind="away"} 2.0' in lines
    assert 'pharos_db_errors_total{kind="busy"} 1.0' in lines


def test_a_statement_that_is_refused_for_itself_is_no_failure_of_postgresql() -> None:
    instruments = _instruments()
    with pytest.raises(asyncpg.UniqueViolationError), translated(Failures(instruments)):
        raise asyncpg.UniqueViolationError
    assert 'pharos_db_errors_total{kind="away"} 0.0' in _exposed(instruments)


def test_events_are_counted_by_type_up_to_a_limit() -> None:
    instruments = _instruments()
    accepted = AcceptedEvents(instruments)
    for number in range(30):
        accepted.new(f"type-{number}")
    accepted.repeat("type-1")
    series = [line for line in _exposed(instruments) if line.startswith("pharos_events_accepted")]
    assert 'pharos_events_accepted_total{result="new",type="other"} 11.0' in series
    assert 'pharos_events_accepted_total{result="repeat",type="type-1"} 1.0' in series
    assert len(series) == 21


def test_every_outcome_of_a_type_stands_at_zero_before_it_happens() -> None:
    instruments = _instruments(Process.WORKER)
    metrics = ConsumerMetrics(instruments, "activity")
    metrics.settled("applied", "user.created")
    metrics.settled("dead")
    text = "\n".join(_exposed(instruments))
    assert 'outcome="dead",type="user.created"} 0.0' in text
    assert 'outcome="dead",type="other"} 1.0' in text


def test_a_process_without_a_server_of_its_own_is_scraped_all_the_same() -> None:
    server = MetricsServer(_instruments(Process.CONSOLE), 0)
    server.start()
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics") as answer:
            assert b"pharos_build_info" in answer.read()
            assert answer.headers["content-type"].startswith("text/plain")
    finally:
        server.stop()
