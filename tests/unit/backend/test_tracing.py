"""Traces are continued or begun by W3C's rules; spans go to a collector, if there is one."""

import socket
import subprocess
import sys

import pytest

from backend.observability.context import span_id, trace_id, traceparent, working_on
from backend.observability.spans import Collector, Spans, Unrecorded, make_spans
from backend.observability.traceparent import continued, parse
from tests.fakes.collector import collecting

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
HEADER = f"00-{TRACE}-{SPAN}-01"


def _spans(endpoint: str) -> Spans:
    return make_spans(
        Collector(endpoint), service="pharos-api", release="1", node="api-1", environment="local"
    )


def test_a_trace_from_outside_is_continued_with_a_span_of_its_own() -> None:
    ours = parse(continued(HEADER))
    assert ours is not None
    assert (ours.trace_id, ours.flags) == (TRACE, "01")
    assert ours.span_id != SPAN


def test_without_one_a_trace_begins_that_nobody_was_asked_to_record() -> None:
    first, second = parse(continued(None)), parse(continued(None))
    assert first is not None
    assert second is not None
    assert first.trace_id != second.trace_id
    assert not first.sampled


@pytest.mark.parametrize(
    "header",
    [
        "",
        "00",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-{SPAN}-01",
        f"{HEADER}-more",
        f"{HEADER}\n",
        "x" * 10_000,
    ],
)
def test_what_is_no_traceparent_begins_a_new_trace(header: str) -> None:
    assert parse(header) is None
    ours = parse(continued(header))
    assert ours is not None
    assert ours.trace_id not in header or not header


def test_a_later_version_may_say_more_than_we_know() -> None:
    assert str(parse(f"cc-{TRACE}-{SPAN}-09-what-comes")) == HEADER


def test_the_work_at_hand_knows_its_trace_and_span() -> None:
    with working_on("r-1", HEADER):
        assert (traceparent(), trace_id(), span_id()) == (HEADER, TRACE, SPAN)
    assert (traceparent(), trace_id(), span_id()) == (None, None, None)


def test_work_within_work_gives_the_outer_one_back() -> None:
    with working_on("r-1", HEADER):
        with working_on("r-2", None):
            assert trace_id() is None
        assert trace_id() == TRACE


def test_a_span_reaches_the_collector_below_its_parent() -> None:
    with collecting() as collector:
        spans = _spans(collector.url)
        span = spans.start("server", HEADER)
        span.end("GET /v1/users/{user_id}", {"http.response.status_code": 500}, failed=True)
        spans.close()
    ((service, exported),) = collector.spans
    assert (service, exported.name) == ("pharos-api", "GET /v1/users/{user_id}")
    assert (exported.trace_id.hex(), exported.parent_span_id.hex()) == (TRACE, SPAN)
    assert span.traceparent == f"00-{TRACE}-{exported.span_id.hex()}-01"
    assert exported.status.code == exported.status.STATUS_CODE_ERROR


def test_a_trace_that_upstream_does_not_record_is_not_recorded_here() -> None:
    with collecting() as collector:
        spans = _spans(collector.url)
        spans.start("server", HEADER[:-1] + "0").end("GET /", {})
        spans.close()
    assert collector.spans == []


def test_a_collector_that_is_away_costs_the_spans_and_nothing_else() -> None:
    # Bound and not listened on: while it is kept, nobody else is given it.
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        spans = _spans(f"http://127.0.0.1:{kept.getsockname()[1]}")
        spans.start("server", None).end("GET /", {})
        spans.close()


def test_without_a_collector_the_exporter_is_not_even_imported() -> None:
    assert isinstance(
        make_spans(None, service="s", release="1", node="n", environment="local"), Unrecorded
    )
    code = "import backend.api.observed, sys; print('opentelemetry.sdk' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
