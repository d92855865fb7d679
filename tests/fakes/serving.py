"""What the fakes that speak HTTP have in common: a quiet handler, and a server for a while."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Quiet(BaseHTTPRequestHandler):
    """Writes no line about each request, which would end up in the tests' output."""

    def body(self) -> bytes:
        """Return the request's body, of the length that it says."""
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def answer(self, document: object, status: int = 200) -> None:
        """Answer in JSON."""
        self.send(json.dumps(document).encode(), status)

    def send(self, content: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep the test's output clean."""


@contextmanager
def serving(
    handler: type[BaseHTTPRequestHandler], port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[int]:
    """Serve on a port of 127.0.0.1 within the block, without `port` on a free one; gives which."""
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
