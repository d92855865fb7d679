"""A process that stands in for a part of the stack: answers on its ports, ends on SIGTERM.

`python answering.py PORT [PORT …]`: 200 on every path, as a ready replica that is idle does.
`python answering.py --crash` ends at once; `--deaf PORT` never answers.
"""

import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BODY = b'{"status": "ready", "version": "9.9"}'
METRICS = b"pharos_http_requests_in_flight 0.0\n"


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = METRICS if self.path == "/metrics" else BODY
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002, ARG002
        sys.stdout.write("answered\n")
        sys.stdout.flush()


def main() -> None:
    if sys.argv[1] == "--crash":
        sys.exit("no reason at all")
    if sys.argv[1] == "--deaf":
        time.sleep(3600)
    servers = [ThreadingHTTPServer(("127.0.0.1", int(port)), Answer) for port in sys.argv[1:]]
    for server in servers[1:]:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    servers[0].serve_forever()


if __name__ == "__main__":
    main()
