"""An error tracker that keeps what it is sent, over real HTTP.

Source of the protocol: Sentry's envelopes, POST /api/PROJECT/envelope/.
"""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import Any

from tests.fakes.serving import Quiet


class FakeTracker:
    """`envelopes` are those that came, as text."""

    def __init__(self) -> None:
        self.envelopes: list[str] = []
        tracker = self

        class Handler(Quiet):
            def do_POST(self) -> None:
                sent = self.body()
                packed = self.headers.get("Content-Encoding") == "gzip"
                tracker.envelopes.append((gzip.decompress(sent) if packed else sent).decode())
                self.send(b"")

            def do_GET(self) -> None:
                self.send_response(302)
                self.send_header("Location", "/accounts/login/")
                self.send_header("Content-Length", "0")
                self.end_headers()

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
