"""The fake eras and PostgreSQL's behave as one."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from backend.cache.trust import Eras
from backend.domain.eras import Era
from backend.observability.catalogue import Process
from backend.observability.metrics import Instruments
from backend.resilience.breaker import Breaker, BreakerSignals
from backend.settings import Settings
from backend.storage.cache_eras import CacheEras
from backend.storage.database import Database
from backend.storage.engine import create_engine
from tests.fakes.eras import FakeEras


@pytest.fixture
def fake_eras() -> Eras:
    return FakeEras()


@pytest_asyncio.fixture
async def real_eras(database: Settings) -> AsyncIterator[Eras]:
    breaker = Breaker("postgres", BreakerSignals(Instruments(Process.API, "1")))
    connected = Database(create_engine(database), breaker)
    yield CacheEras(connected)
    await connected.close()


@pytest.fixture(params=["fake_eras", pytest.param("real_eras", marks=pytest.mark.stack)])
def eras(request: pytest.FixtureRequest) -> Eras:
    chosen: Eras = request.getfixturevalue(request.param)
    return chosen


async def test_the_first_era_is_trusted(eras: Eras) -> None:
    assert await eras.read() == Era(1, trusted=True)


async def test_distrust_moves_on_once(eras: Eras) -> None:
    assert [await eras.distrust(), await eras.distrust()] == [2, 2]
    assert await eras.read() == Era(2, trusted=False)


async def test_an_era_begins_after_the_one_that_was_seen(eras: Eras) -> None:
    seen = await eras.distrust()
    assert await eras.begin(after=seen)
    assert await eras.read() == Era(3, trusted=True)


async def test_only_one_begins_it(eras: Eras) -> None:
    seen = await eras.distrust()
    assert [await eras.begin(after=seen), await eras.begin(after=seen)] == [True, False]


async def test_a_trusted_era_is_not_begun_again(eras: Eras) -> None:
    assert not await eras.begin(after=1)
