"""The thread that ends leases outlives whatever goes wrong with one of them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from deploy.faults.kinds import AGENT_INJECTION
from deploy.home import Home
from deploy.local.agent.faults.ending import Ending
from deploy.local.agent.faults.leases import Lease, LeaseStore
from deploy.local.agent.faults.register import Register
from deploy.local.launch import uptime
from deploy.local.specs import launch_folder, spec_file, stop_rules
from tests.fakes.deeds import FakeDeed
from tests.fixtures.running import eventually


@pytest.fixture
def register(home: Home) -> Register:
    return Register(LeaseStore(home))


def expired(kind: str) -> Lease:
    content = {"id": kind, "kind": kind, "target": "redis"}
    lease = Lease.armed(AGENT_INJECTION.validate_python(content)).done()
    return lease.model_copy(update={"deadline": uptime()})


class OddError(Exception):
    """Nobody thought of it."""


class Fails:
    """Raises the first time that it is called."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> bool:
        self.calls += 1
        if self.calls == 1:
            raise OddError
        return False


@contextmanager
def started(ending: Ending) -> Iterator[None]:
    ending.start()
    yield
    assert ending._thread.is_alive()
    ending.stop()


def test_an_undo_whose_patience_is_not_known_keeps_no_other_lease_from_its_end(
    register: Register,
) -> None:
    def unknown() -> float:
        raise OddError

    reported: list[Exception] = []
    hangs, other = FakeDeed(stays="it is still there", patient=unknown), FakeDeed()
    ending = Ending(register, {"kill": hangs, "pause": other}, lambda: False, reported.append)
    register.put(expired("kill"))
    register.put(expired("pause"))
    with started(ending):
        eventually(register.leases, lambda left: len(left) == 1, "the other lease gone")
    assert [entry.lease.id for entry in register.entries()] == ["kill"]
    assert not ending.stuck(register.entries()[0])
    assert {type(error) for error in reported} == {OddError}


def test_a_look_that_fails_is_reported_and_the_next_one_ends_what_is_due(
    register: Register,
) -> None:
    reported: list[Exception] = []
    ending = Ending(register, {"pause": FakeDeed()}, Fails(), reported.append)
    register.put(expired("pause"))
    with started(ending):
        eventually(register.leases, lambda left: not left, "no lease left")
    assert [type(error) for error in reported] == [OddError]


def test_a_component_that_goes_while_the_stop_rules_are_read_has_none(home: Home) -> None:
    launch_folder(home).mkdir()
    spec_file(home, "redis").write_text(
        '{"name": "redis", "stop_signal": 15, "stop_timeout": 7, "rank": 1}'
    )
    # A name without a file, as one is that was unlinked between the listing and the reading.
    spec_file(home, "api-3").symlink_to("nowhere")
    assert {name: rule.timeout for name, rule in stop_rules(home).items()} == {"redis": 7}
