"""An error tracker that keeps what it is sent, over real HTTP.

Source of the protocol: Sentry's envelopes, POST /api/PROJECT/envelope/.
"""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class FakeTracker:
    """`envelopes` are those that came, as text."""

    def __init__(self) -> None:
        self.envelopes: list[str] = []
        tracker = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"]))
                packed = self.headers.get("Content-Encoding") == "gzip"
                tracker.envelopes.append((gzip.decompress(sent) if packed else sent).decode())
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                self.send_response(302)
                self.send_header("Location", "/accounts/login/")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Keep the test's output clean."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def events(self) -> list[dict[str, Any]]:
        """Return the events that came; an envelope is its header, an item's header, the item."""
        return [json.loads(envelope.splitlines()[2]) for envelope in self.envelopes]

    @property
    def dsn(self) -> str:
        return f"http://key@127.0.0.1:{self._server.server_port}/1"

    @contextmanager
    def serving(self) -> Iterator["FakeTracker"]:
        threading.Thread(target=self._server.serve_forever, args=(0.05,)).start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
