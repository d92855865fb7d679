"""Spans that are exported by OTLP over HTTP, in batches, from a thread of the SDK's.

A collector that is away costs nobody anything but the spans: the queue is
bounded, and what does not fit is dropped.
Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp
"""

from collections.abc import Mapping

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from backend.observability.spans import Attributes, Collector, Kind, Span
from backend.observability.traceparent import NOT_SAMPLED, SAMPLED, TraceParent, parse

EXPORT_SECONDS = 3.0
CLOSE_MILLISECONDS = 2000
QUEUE, BATCH = 8192, 512
KINDS: Mapping[Kind, trace.SpanKind] = {
    "server": trace.SpanKind.SERVER,
    "producer": trace.SpanKind.PRODUCER,
    "consumer": trace.SpanKind.CONSUMER,
}


class _Exported:
    def __init__(self, span: trace.Span) -> None:
        self._span = span
        context = span.get_span_context()
        flags = SAMPLED if context.trace_flags.sampled else NOT_SAMPLED
        own = TraceParent(f"{context.trace_id:032x}", f"{context.span_id:016x}", flags)
        self.traceparent = str(own)
        self.recording = span.is_recording()

    def end(self, name: str, attributes: Attributes, *, failed: bool = False) -> None:
        self._span.update_name(name)
        self._span.set_attributes(attributes)
        if failed:
            self._span.set_status(trace.StatusCode.ERROR)
        self._span.end()


class Exported:
    """The SDK's tracer, of this process alone: nothing of it is global."""

    def __init__(self, collector: Collector, resource: Mapping[str, str]) -> None:
        self._provider = TracerProvider(
            resource=Resource.create(dict(resource)),
            sampler=ParentBased(TraceIdRatioBased(collector.ratio)),
            shutdown_on_exit=False,
        )
        exporter = OTLPSpanExporter(endpoint=collector.traces, timeout=EXPORT_SECONDS)
        self._processor = BatchSpanProcessor(
            exporter, max_queue_size=QUEUE, max_export_batch_size=BATCH
        )
        self._provider.add_span_processor(self._processor)
        self._tracer = self._provider.get_tracer("pharos")

    def start(self, kind: Kind, parent: str | None) -> Span:
        span = self._tracer.start_span(kind, context=_context(parent), kind=KINDS[kind])
        return _Exported(span)

    def close(self) -> None:
        self._provider.force_flush(CLOSE_MILLISECONDS)
        self._provider.shutdown()


def _context(header: str | None) -> Context:
    """Return the parent as the SDK takes it; an empty context begins a trace."""
    parent = parse(header)
    if parent is None:
        return Context()
    flags = trace.TraceFlags(trace.TraceFlags.SAMPLED if parent.sampled else 0)
    remote = trace.SpanContext(
        int(parent.trace_id, 16), int(parent.span_id, 16), is_remote=True, trace_flags=flags
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(remote), Context())
