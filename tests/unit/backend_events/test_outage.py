"""The gate that holds all consuming back while PostgreSQL is away."""

import asyncio

from backend.consumers.outage import OutageGate
from backend.domain.errors import DatabaseUnavailableError


class Database:
    """Answers probes once it is said to be back."""

    def __init__(self) -> None:
        self.back = asyncio.Event()
        self.probed = asyncio.Event()
        self.probes = 0

    async def ping(self) -> None:
        self.probes += 1
        self.probed.set()
        if not self.back.is_set():
            raise DatabaseUnavailableError


async def test_an_open_gate_lets_everyone_pass() -> None:
    gate = OutageGate(Database().ping, asyncio.Event())
    assert await asyncio.wait_for(gate.passed(), 1)


async def test_a_shut_gate_opens_when_the_database_is_back() -> None:
    database = Database()
    gate = OutageGate(database.ping, asyncio.Event())
    gate.shut(DatabaseUnavailableError())
    passing = asyncio.create_task(gate.passed())
    await asyncio.wait_for(database.probed.wait(), 5)
    assert not passing.done()
    database.back.set()
    assert await asyncio.wait_for(passing, 5)


async def test_many_who_shut_it_make_one_probe_at_a_time() -> None:
    database = Database()
    database.back.set()
    gate = OutageGate(database.ping, asyncio.Event())
    for _ in range(50):
        gate.shut(DatabaseUnavailableError())
    assert await asyncio.wait_for(gate.passed(), 5)
    assert database.probes == 1


async def test_a_stop_lets_go_of_whoever_waits_and_says_so() -> None:
    stopping = asyncio.Event()
    gate = OutageGate(Database().ping, stopping)
    gate.shut(DatabaseUnavailableError())
    passing = asyncio.create_task(gate.passed())
    stopping.set()
    assert await asyncio.wait_for(passing, 5) is False
