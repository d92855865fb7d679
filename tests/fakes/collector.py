"""A collector of OTLP over HTTP that keeps the spans which it is sent."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.fakes.serving import Quiet, serving


class Collector:
    """`spans` are OTLP's own messages, by the name of the service that sent them."""

    def __init__(self) -> None:
        self.url = ""
        self.spans: list[tuple[str, Any]] = []

    def take(self, body: bytes) -> None:
        for group in ExportTraceServiceRequest.FromString(body).resource_spans:
            resource = {each.key: each.value.string_value for each in group.resource.attributes}
            for scope in group.scope_spans:
                self.spans += [(resource["service.name"], span) for span in scope.spans]

    def of_trace(self, trace_id: str) -> dict[str, Any]:
        """Return the spans of one trace by their names."""
        return {
            f"{service}: {span.name}": span
            for service, span in self.spans
            if span.trace_id.hex() == trace_id
        }


@contextmanager
def collecting() -> Iterator[Collector]:
    """Listen on a free port of the loopback address until the block ends."""
    collector = Collector()

    class Handler(Quiet):
        def do_POST(self) -> None:
            body = self.body()
            zipped = self.headers.get("content-encoding") == "gzip"
            collector.take(gzip.decompress(body) if zipped else body)
            self.send(b"")

        def body(self) -> bytes:
            """Read a body of known length, as the SDK sends it, or one in chunks, as Envoy does."""
            if "content-length" in self.headers:
                return super().body()
            chunks = []
            while size := int(self.rfile.readline(), 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)

    with serving(Handler) as port:
        collector.url = f"http://127.0.0.1:{port}"
        yield collector
