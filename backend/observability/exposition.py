"""A port for Prometheus, for a process that serves no HTTP of its own: one thread beside it.

Processes with a server of their own answer `/metrics` there, from the same
`Instruments.exposition`.
"""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from backend.observability.metrics import Instruments

HOST = "127.0.0.1"


class MetricsServer:
    """Serves `/metrics` on the loopback address until the process ends; binds at once."""

    def __init__(self, instruments: Instruments, port: int) -> None:
        """Bind the port; 0 lets the system choose one.

        Raises:
            OSError: the port is taken.
        """
        self._server = ThreadingHTTPServer((HOST, port), _handler(instruments))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics")
        self._thread.daemon = True

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(instruments: Instruments) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path != "/metrics":
                self.send_error(404, explain="This port answers GET /metrics.")
                return
            body, content_type = instruments.exposition(self.headers.get("accept", ""))
            self.send_response(200)
            self.send_header("content-type", content_type)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """A scrape every two seconds is nothing to write down."""

    return Handler
