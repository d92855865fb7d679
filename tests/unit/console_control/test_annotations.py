"""Marks on Grafana's dashboards, against a server that speaks its annotation call."""

import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from console.control.annotations import Annotations
from console.control.settings import Grafana
from tests.fixtures.running import eventually

START, END = datetime.fromtimestamp(1, UTC), datetime.fromtimestamp(2.5, UTC)


class FakeGrafana(HTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.taken: list[tuple[str, str | None, dict[str, Any]]] = []


class Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert isinstance(self.server, FakeGrafana)
        self.server.taken.append((self.path, self.headers["Authorization"], body))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"id": 1}')

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def grafana() -> Iterator[FakeGrafana]:
    server = FakeGrafana()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_change_becomes_a_tagged_range(grafana: FakeGrafana) -> None:
    marks = Annotations(Grafana(f"http://127.0.0.1:{grafana.server_port}/grafana/", "t0ken"))
    marks.draw("scale", "api to 3", START, END)
    path, token, body = eventually(lambda: grafana.taken, bool, 5, "an annotation")[0]
    assert (path, token) == ("/grafana/api/annotations", "Bearer t0ken")
    assert (body["time"], body["timeEnd"]) == (1000, 2500)
    assert (body["tags"], body["text"]) == (["pharos", "scale"], "api to 3")
    marks.close()


def test_a_grafana_that_is_away_costs_a_warning(
    grafana: FakeGrafana, caplog: pytest.LogCaptureFixture
) -> None:
    marks = Annotations(Grafana(f"http://127.0.0.1:{grafana.server_port}", "t"))
    grafana.shutdown()
    grafana.server_close()
    with caplog.at_level(logging.WARNING):
        marks.draw("drill", "kill-replica", START, END)
        eventually(lambda: caplog.text, bool, 5, "a warning")
    assert "did not take the annotation" in caplog.text
    marks.close()


def test_without_a_grafana_nothing_is_drawn() -> None:
    marks = Annotations(None)
    marks.draw("scale", "api to 3", START, END)
    marks.close()
