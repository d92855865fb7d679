"""A gateway in this process that notes whatever comes, and answers 404; it may be slow."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Visits:
    """`came` has method and path of each request; while `answers` is not set, none is answered."""

    came: list[tuple[str, str]] = field(default_factory=list)
    answers: threading.Event = field(default_factory=threading.Event)


@contextmanager
def visited() -> Iterator[tuple[str, Visits]]:
    """Serve on a port of 127.0.0.1; gives the URL, and what came."""
    visits = Visits()
    visits.answers.set()

    class Note(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __getattr__(self, name: str) -> Callable[[], None]:
            if not name.startswith("do_"):
                raise AttributeError(name)
            return self._note

        def _note(self) -> None:
            visits.came.append((self.command, self.path))
            visits.answers.wait()
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Note)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", visits
    finally:
        visits.answers.set()
        server.shutdown()
        server.server_close()
