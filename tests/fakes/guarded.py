"""An Elasticsearch that wants a user with his password, over TLS, and holds one line."""

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

USER, PASSWORD = "reader", "pa$$:word"
LINE = {"@timestamp": "2026-11-24T10:00:00.000000Z", "message": "Started", "service.name": "api"}


@contextmanager
def guarded_elasticsearch(certificate: Path, key: Path) -> Iterator[str]:
    """Answer on a free port of 127.0.0.1; yields the URL."""
    pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers["Authorization"] == f"Basic {pair}":
                self._say(200, {"hits": {"hits": [{"_source": LINE}]}})
            else:
                self._say(401, {"error": {"type": "security_exception"}, "status": 401})

        def _say(self, status: int, answer: dict[str, Any]) -> None:
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Keep the test's output clean."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
