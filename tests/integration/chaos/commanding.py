"""`pharos chaos …` as a test runs it, with a control service that lives in the test."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import uvicorn
from fastapi import HTTPException
from typer.testing import CliRunner, Result

from chaos.cli import app
from console.schemas import Drill, DrillRequest
from deploy.home import Home
from tests.fakes.control import TOKEN, FakeControlService, application


class QuickService(FakeControlService):
    """Knows one experiment, whose drills began nine and a half of their ten seconds ago."""

    def start(self, request: DrillRequest) -> Drill:
        if request.experiment != "kill-replica":
            raise HTTPException(404, f"There is no experiment {request.experiment}.")
        drill = super().start(request)
        drill.started_at -= timedelta(seconds=9.5)
        return drill


@contextmanager
def serving(service: FakeControlService, port: int) -> Iterator[None]:
    config = uvicorn.Config(application(service), port=port, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive(), "the fake control service did not start"
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


class CommandLine:
    """Runs `pharos chaos …` against the control service of one home."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.service = QuickService()
        self.url: str | None = None

    def __call__(self, *arguments: str) -> Result:
        environment = {
            "PHAROS_HOME": str(self.home.root),
            "PHAROS_PORT_BASE": str(self.home.ports.base),
            "PHAROS_TOKEN": TOKEN,
            "PHAROS_URL": self.url,
        }
        return CliRunner().invoke(app, ["chaos", *arguments], env=environment)
