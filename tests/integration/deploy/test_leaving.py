"""When a surplus replica is stopped, with real processes of stand-in parts."""

import pytest

from deploy.home import Home
from deploy.local.agent import reconcile
from deploy.local.agent.reconcile import Reconciler
from deploy.local.progress import Steps
from deploy.local.specs import running
from deploy.local.supervisor import Supervisor
from deploy.local.up import up
from deploy.local.wanted import Wanted, write_wanted
from tests.fakes.parts import small_parts
from tests.fixtures.running import eventually

PARTS = small_parts()


def test_a_replica_is_stopped_only_once_the_gateway_is_told_of_it_no_more(
    home: Home, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "LEAVE_SECONDS", 0.0)
    told_of = {"api-1", "api-2"}
    reconciler = Reconciler(home, PARTS, lambda _: True, told_of.__contains__)
    up(home, steps, parts=PARTS)
    write_wanted(home, Wanted().with_count("api", 1))
    for _ in range(3):
        reconciler.step()
    assert running(home, "api-2")
    told_of.remove("api-2")

    def stepped() -> object:
        """Take a step: while the supervisor is slow to answer, one does nothing."""
        reconciler.step()
        return running(home, "api-2")

    eventually(stepped, lambda record: record is None, "api-2 stopped")
    assert Supervisor(home).watched().keys() >= {"api-1", "relay", "worker"}
    assert "api-2" not in Supervisor(home).watched()
