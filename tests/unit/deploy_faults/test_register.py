"""A lease may bear the id, or hold the target, of one before it; the end of that is not its own."""

from pathlib import Path

import pytest

from deploy.faults.kinds import AGENT_INJECTION
from deploy.home import Home
from deploy.local.agent.faults.ending import Ending
from deploy.local.agent.faults.leases import Lease, LeaseStore
from deploy.local.agent.faults.register import Register
from deploy.ports import Ports
from tests.fakes.deeds import FakeDeed


@pytest.fixture
def store(tmp_path: Path) -> LeaseStore:
    home = Home(tmp_path, Ports(9000))
    home.run.mkdir()
    return LeaseStore(home)


@pytest.fixture
def register(store: LeaseStore) -> Register:
    return Register(store)


def armed(name: str = "a") -> Lease:
    content = {"id": name, "kind": "pause", "target": "redis"}
    return Lease.armed(AGENT_INJECTION.validate_python(content))


def test_removing_an_entry_leaves_a_new_one_of_its_id(
    register: Register, store: LeaseStore
) -> None:
    old = register.put(armed())
    assert register.remove(old)
    new = register.put(armed())
    assert not register.remove(old)
    assert register.get("a") is new
    assert store.peek() == [new.lease]


def test_what_is_gone_already_is_not_undone_over_whoever_came_after_it(register: Register) -> None:
    deed = FakeDeed()
    ending = Ending(register, {"pause": deed}, lambda: False, lambda _: None)
    old = register.put(armed())
    old.end()
    assert ending.take_back(old)
    new = register.put(armed("b"))
    assert ending.take_back(old)
    assert deed.undone == ["a"]
    assert register.entries() == [new]
