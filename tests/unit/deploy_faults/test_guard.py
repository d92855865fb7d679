"""What is refused before a fault is armed, wherever the replicas are."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from pydantic import ValidationError

from deploy.faults.kinds import AGENT_INJECTION, AgentInjection
from deploy.home import Home
from deploy.local.agent.board import Board
from deploy.local.agent.endpoints import Endpoints
from deploy.local.agent.faults.guard import Guard
from deploy.local.agent.faults.leases import Lease
from deploy.local.agent.faults.refusals import (
    ForbiddenHereError,
    HaltedError,
    LastReplicaError,
    UnfitError,
)
from deploy.local.component import Health
from deploy.local.status import Answer
from deploy.ports import Ports


@pytest.fixture
def board(tmp_path: Path) -> Board:
    """Two api replicas, of which the first is ready."""
    board = Board(Home(tmp_path, Ports(9000)))
    board.saw("api-1", Answer(Health(ok=True), None))
    return board


def guard(
    board: Board, environment: str = "local", *, halted: bool = False, held: Sequence[Lease] = ()
) -> Guard:
    endpoints = Endpoints(Home(Path("/nowhere"), Ports(9000)), board)
    return Guard(environment, lambda: halted, board, endpoints, lambda: held)


def asked(kind: str, target: str, **arguments: object) -> AgentInjection:
    content = {"id": "a", "kind": kind, "target": target, "arguments": arguments}
    return AGENT_INJECTION.validate_python(content)


@pytest.mark.parametrize("kind", ["kill", "terminate", "pause", "stray-stop", "down"])
def test_in_production_nothing_is_allowed(board: Board, kind: str) -> None:
    with pytest.raises(ForbiddenHereError, match="production"):
        guard(board, "production").require_allowed(asked(kind, "redis"))
    for environment in ("local", "staging"):
        guard(board, environment).require_allowed(asked(kind, "redis"))


@pytest.mark.parametrize(("kind", "target"), [("kill", "redis"), ("abort", "gateway")])
def test_while_halted_nothing_is_allowed(board: Board, kind: str, target: str) -> None:
    with pytest.raises(HaltedError, match="rearm"):
        guard(board, halted=True).require_allowed(asked(kind, target))


@pytest.mark.parametrize("target", ["prometheus", "alertmanager", "logstore", "shipper", "errors"])
@pytest.mark.parametrize("kind", ["pause", "down"])
def test_who_watches_may_be_made_to_fail(board: Board, kind: str, target: str) -> None:
    guard(board).require_allowed(asked(kind, target))


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("kill", "supervisor"),
        ("pause", "agent"),
        ("down", "agent"),
        ("terminate", "agent"),
        ("down", "console"),
        ("pause", "api-3"),
        ("cut-off", "relay"),
        ("cut-off", "api-3"),
        ("unscraped", "worker"),
        ("stray-stop", "supervisor"),
    ],
)
def test_a_target_that_the_kind_may_not_have_is_refused(
    board: Board, kind: str, target: str
) -> None:
    with pytest.raises(UnfitError, match="target"):
        guard(board).require_allowed(asked(kind, target))


@pytest.mark.parametrize("kind", ["kill", "terminate", "pause", "stray-stop", "down", "cut-off"])
def test_the_last_ready_replica_is_spared(board: Board, kind: str) -> None:
    with pytest.raises(LastReplicaError, match="scale api up"):
        guard(board).require_allowed(asked(kind, "api-1"))
    board.saw("api-2", Answer(Health(ok=True), None))
    guard(board).require_allowed(asked(kind, "api-1"))


def test_the_last_ready_replica_may_be_kept_from_prometheus(board: Board) -> None:
    guard(board).require_allowed(asked("unscraped", "api-1"))


def test_one_that_a_fault_takes_away_counts_no_more_but_one_that_is_only_unscraped_serves(
    board: Board,
) -> None:
    board.saw("api-2", Answer(Health(ok=True), None))
    paused = guard(board, held=[Lease.armed(asked("pause", "api-1"))])
    with pytest.raises(LastReplicaError, match="no api replica but api-2"):
        paused.require_allowed(asked("kill", "api-2"))
    unscraped = guard(board, held=[Lease.armed(asked("unscraped", "api-1"))])
    unscraped.require_allowed(asked("kill", "api-2"))


@pytest.mark.parametrize(
    ("kind", "target", "arguments"),
    [
        ("certificate", "api-1", {}),
        ("certificate", "gateway", {"days": 0}),
        ("certificate", "gateway", {"days": 31}),
        ("poison", "relay", {}),
    ],
)
def test_what_is_beyond_a_bound_is_refused_by_the_shape(
    kind: str, target: str, arguments: dict[str, int]
) -> None:
    with pytest.raises(ValidationError):
        asked(kind, target, **arguments)


def test_the_agent_may_be_killed(board: Board) -> None:
    guard(board).require_allowed(asked("kill", "agent"))


def test_whoever_asks_for_it_may_hit_the_last_one(board: Board) -> None:
    guard(board).require_allowed(asked("kill", "api-1", allow_last=True))
