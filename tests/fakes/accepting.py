"""A gateway in this process that takes users and events, and keeps what it took."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Taken:
    """`users` and `events` as they came; while `refuses` is set, events are answered 503."""

    def __init__(self) -> None:
        self.users: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.tokens: set[str | None] = set()
        self.refuses = False


@contextmanager
def accepting() -> Iterator[tuple[int, Taken]]:
    """Serve on a port of 127.0.0.1; gives the port, and what was taken."""
    taken = Taken()

    class Accept(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            taken.tokens.add(self.headers["Authorization"])
            if self.path == "/v1/users":
                taken.users.append(body)
                self._answer(201, {"id": f"user-{len(taken.users)}"})
            elif taken.refuses:
                self._answer(503, {})
            else:
                taken.events.append(body)
                self._answer(202, {})

        def _answer(self, status: int, body: dict[str, str]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Accept)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
    try:
        yield server.server_port, taken
    finally:
        server.shutdown()
        server.server_close()
