"""Marks on Grafana's dashboards and the list of them, against a server that speaks both calls."""

import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from backend.observability.catalogue import Process
from backend.observability.metrics import Instruments
from console.control.annotations import Annotations
from console.control.grafana import GrafanaDashboards
from console.control.services.audit_log import AuditLog
from console.control.services.records import Records
from console.control.services.releases import Releases
from console.control.settings import Grafana
from console.control.storage.database import Database
from console.control.storage.heads import Heads
from tests.fixtures.running import eventually

START, END = datetime.fromtimestamp(1, UTC), datetime.fromtimestamp(2.5, UTC)


class FakeGrafana(HTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.taken: list[tuple[str, str | None, dict[str, Any]]] = []
        self.searched: list[str] = []
        self.listed, self.status = b"[]", 200

    @property
    def settings(self) -> Grafana:
        return Grafana(f"http://127.0.0.1:{self.server_port}/grafana/", "t0ken")


def _marks(grafana: Grafana | None) -> tuple[Annotations, Instruments]:
    instruments = Instruments(Process.CONTROL, "0")
    return Annotations(grafana, instruments), instruments


def _counted(instruments: Instruments, outcome: str) -> bool:
    line = f'pharos_grafana_annotations_total{{outcome="{outcome}"}} 1.0'
    return line in instruments.exposition()[0].decode()


class Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert isinstance(self.server, FakeGrafana)
        self.server.taken.append((self.path, self.headers["Authorization"], body))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"id": 1}')

    def do_GET(self) -> None:
        assert isinstance(self.server, FakeGrafana)
        self.server.searched.append(self.path)
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.listed)

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
    marks, instruments = _marks(grafana.settings)
    marks.draw("scale", "api to 3", START, END)
    path, token, body = eventually(lambda: grafana.taken, bool, "an annotation")[0]
    assert (path, token) == ("/grafana/api/annotations", "Bearer t0ken")
    assert (body["time"], body["timeEnd"]) == (1000, 2500)
    assert (body["tags"], body["text"]) == (["pharos", "scale"], "api to 3")
    eventually(lambda: _counted(instruments, "drawn"), bool, "it is counted")
    marks.close()


def test_a_grafana_that_is_away_costs_a_warning(
    grafana: FakeGrafana, caplog: pytest.LogCaptureFixture
) -> None:
    marks, instruments = _marks(grafana.settings)
    grafana.shutdown()
    grafana.server_close()
    with caplog.at_level(logging.WARNING):
        marks.draw("chaos", "kill-replica", START, END)
        eventually(lambda: caplog.text, bool, "a warning")
    assert "did not take the annotation" in caplog.text
    assert _counted(instruments, "failed")
    marks.close()


def test_without_a_grafana_nothing_is_drawn_and_nothing_listed() -> None:
    marks, instruments = _marks(None)
    marks.draw("scale", "api to 3", START, END)
    assert not _counted(instruments, "drawn")
    assert GrafanaDashboards(None).ours() == []
    marks.close()


def test_only_a_release_that_is_new_here_is_marked_as_deployed(
    grafana: FakeGrafana, tmp_path: Path
) -> None:
    marks, instruments = _marks(grafana.settings)
    database = Database(tmp_path / "control.db")
    audit = AuditLog(database, Heads(tmp_path / "heads"), instruments, lambda: END)
    records = Records(database, audit, marks, lambda: END)
    for release in ("1.0", "1.0", "1.1"):
        Releases(tmp_path / "release", records).started(release)
    rows = audit.newest(10, None)
    assert [(row.action, row.detail) for row in rows] == [
        ("deploy", "release 1.0 → 1.1"),
        ("deploy", "release 1.0, the first here"),
    ]
    database.close()
    eventually(lambda: len(grafana.taken), lambda count: count >= 2, "two marks")
    marks.close()
    texts = [body["text"] for _, _, body in grafana.taken]
    assert texts == ["release 1.0, the first here", "release 1.0 → 1.1"]
    assert grafana.taken[0][2]["tags"] == ["pharos", "deploy"]


def test_our_dashboards_are_listed_with_their_addresses(grafana: FakeGrafana) -> None:
    grafana.listed = b'[{"uid": "pharos-api", "title": "Pharos / API", "url": "/grafana/d/x"}]'
    known = GrafanaDashboards(grafana.settings)
    address = f"http://127.0.0.1:{grafana.server_port}/grafana/d/pharos-api"
    assert [each.url for each in known.ours()] == [address]
    assert known.ours()[0].title == "Pharos / API"
    assert grafana.searched == ["/grafana/api/search?tag=pharos&type=dash-db"]


@pytest.mark.parametrize(
    ("status", "listed"),
    [(401, b'{"message": "Unauthorized"}'), (200, b"<html>"), (200, b'{"a": 1}'), (500, b"")],
)
def test_a_grafana_that_refuses_lists_none(
    grafana: FakeGrafana, caplog: pytest.LogCaptureFixture, status: int, listed: bytes
) -> None:
    grafana.status, grafana.listed = status, listed
    with caplog.at_level(logging.WARNING):
        assert GrafanaDashboards(grafana.settings).ours() == []
    assert "Grafana did not tell its dashboards" in caplog.text
