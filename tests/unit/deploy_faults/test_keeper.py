"""What else may happen while a fault is asked for: a halt, and the ends of others."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from backend.schemas.halting import HaltSwitch
from deploy.faults.kinds import AGENT_INJECTION, AgentInjection
from deploy.home import Home
from deploy.local.agent.board import Board
from deploy.local.agent.endpoints import Endpoints
from deploy.local.agent.faults.ending import Ending
from deploy.local.agent.faults.guard import Guard
from deploy.local.agent.faults.keeper import Keeper
from deploy.local.agent.faults.leases import Lease, LeaseStore
from deploy.local.agent.faults.refusals import HaltedError, OverlapError
from deploy.local.agent.faults.register import Entry, Register
from deploy.ports import Ports
from tests.fakes.deeds import FakeDeed
from tests.fixtures.running import PATIENCE


class HookedRegister(Register):
    """Calls `on_put` once a lease is on the disk."""

    on_put: Callable[[], object] | None = None

    def put(self, lease: Lease) -> Entry:
        entry = super().put(lease)
        if self.on_put is not None:
            self.on_put()
        return entry


class Kept:
    """A keeper whose faults are in memory; `backstop` is called where one is required."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root, Ports(9000))
        self.home.run.mkdir()
        self.kill, self.pause = FakeDeed(), FakeDeed()
        self.backstop: Callable[[], object] = self._stands
        self.register = HookedRegister(LeaseStore(self.home))
        deeds, halt = {"kill": self.kill, "pause": self.pause}, HaltSwitch(self.home.halt_file)
        board = Board(self.home)
        endpoints = Endpoints(self.home, board)
        guard = Guard("local", halt.on, board, endpoints, self.register.in_force)
        ending = Ending(self.register, deeds, halt.seen, lambda _: None)
        self.keeper = Keeper(self.register, deeds, guard, ending, self._require_backstop)

    def _stands(self) -> None:
        """One does already."""

    def _require_backstop(self) -> None:
        self.backstop()

    def halt(self) -> None:
        """Halt as a person does: the file, the sweep, and what it reads back."""
        self.home.halt_file.touch()
        self.keeper.revert_all()


def asked(kind: str, target: str, name: str = "a") -> AgentInjection:
    return AGENT_INJECTION.validate_python({"id": name, "kind": kind, "target": target})


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def test_a_halt_while_a_backstop_is_waited_for_keeps_the_fault_from_being_made(kept: Kept) -> None:
    kept.backstop = kept.halt
    with pytest.raises(HaltedError, match="rearm"):
        kept.keeper.inject(asked("kill", "redis"))
    assert (kept.kill.made, kept.keeper.read_back().faults) == ([], [])


def test_a_halt_that_finds_no_lease_yet_keeps_the_fault_from_being_made(kept: Kept) -> None:
    kept.register.on_put = kept.home.halt_file.touch
    with pytest.raises(HaltedError, match="rearm"):
        kept.keeper.inject(asked("kill", "redis"))
    assert (kept.kill.made, kept.keeper.read_back().faults) == ([], [])
    assert list(kept.home.leases.iterdir()) == []


def test_who_is_refused_waits_for_no_backstop(kept: Kept) -> None:
    kept.keeper.inject(asked("pause", "redis"))
    kept.backstop = lambda: pytest.fail("a backstop was asked for")
    with pytest.raises(OverlapError):
        kept.keeper.inject(asked("pause", "redis", "b"))
    kept.home.halt_file.touch()
    with pytest.raises(HaltedError):
        kept.keeper.inject(asked("kill", "redis", "c"))


def test_who_waits_for_a_backstop_keeps_no_other_lease_from_its_renewal_and_its_end(
    kept: Kept,
) -> None:
    kept.keeper.inject(asked("pause", "redis", "first"))
    waits, stands = threading.Event(), threading.Event()

    def require() -> None:
        waits.set()
        stands.wait(3 * PATIENCE)

    kept.backstop = require
    with ThreadPoolExecutor(2) as threads:
        second = threads.submit(kept.keeper.inject, asked("pause", "postgres", "second"))
        assert waits.wait(30)
        try:
            threads.submit(kept.keeper.renew, "first", 20.0).result(PATIENCE)
            assert threads.submit(kept.keeper.revert_all).result(PATIENCE).reverted == ["first"]
        finally:
            stands.set()
        assert second.result(30)[0].id == "second"


def test_of_two_that_wait_for_a_backstop_with_one_id_one_makes_the_fault(kept: Kept) -> None:
    both = threading.Barrier(2)
    kept.backstop = lambda: both.wait(30)
    with ThreadPoolExecutor(2) as threads:
        answers = [threads.submit(kept.keeper.inject, asked("pause", "redis")) for _ in range(2)]
        assert sorted(answer.result(30)[1] for answer in answers) == [False, True]
    assert kept.pause.made == ["a"]
