"""What the agent's log tells of a fault."""

import logging
from pathlib import Path

import pytest

from deploy.faults.kinds import AGENT_INJECTION
from deploy.home import Home
from deploy.local.agent.board import Board
from deploy.local.agent.endpoints import Endpoints
from deploy.local.agent.faults.refusals import FaultError
from deploy.local.agent.faults.wiring import build_keeper
from deploy.local.agent.targets import ScrapeTargets
from deploy.ports import Ports


def test_a_refusal_is_a_line_with_its_reason(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    home = Home(tmp_path, Ports(9000))
    board = Board(home)
    keeper = build_keeper(
        home, board, Endpoints(home, board), ScrapeTargets(home), "production", lambda _: None
    )
    content = {"id": "a", "kind": "kill", "target": "redis"}
    with caplog.at_level(logging.INFO), pytest.raises(FaultError):
        keeper.inject(AGENT_INJECTION.validate_python(content))
    (line,) = caplog.records
    assert vars(line)["event.action"] == "fault-refused"
    assert vars(line)["pharos.fault"] == "a"
    assert "production" in line.getMessage()
