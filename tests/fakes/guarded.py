"""An Elasticsearch that wants a user with his password, over TLS, and holds one line."""

import base64
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fakes.serving import Quiet, serving

USER, PASSWORD = "reader", "pa$$:word"
LINE = {"@timestamp": "2026-11-24T10:00:00.000000Z", "message": "Started", "service.name": "api"}


@contextmanager
def guarded_elasticsearch(certificate: Path, key: Path) -> Iterator[str]:
    """Answer on a free port of 127.0.0.1; yields the URL."""
    pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Answer(Quiet):
        def do_POST(self) -> None:
            self.body()
            if self.headers["Authorization"] == f"Basic {pair}":
                self.answer({"hits": {"hits": [{"_source": LINE}]}})
            else:
                self.answer({"error": {"type": "security_exception"}, "status": 401}, 401)

        def end_headers(self) -> None:
            self.send_header("Content-Type", "application/json")
            self.send_header("X-Elastic-Product", "Elasticsearch")
            super().end_headers()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serving(Answer, tls=context) as port:
        yield f"https://127.0.0.1:{port}"
