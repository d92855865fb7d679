"""The term of the cache, on a clock of the test's own."""

import asyncio

import pytest

from backend.cache.trust import PAUSE_SECONDS, TERM_SECONDS, Trust
from backend.domain.eras import Era
from backend.domain.errors import DatabaseUnavailableError
from tests.fakes.clock import Clock
from tests.fakes.eras import FakeEras


class Redis:
    async def ping(self) -> None:
        return


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def eras() -> FakeEras:
    return FakeEras()


@pytest.fixture
def trust(eras: FakeEras, clock: Clock) -> Trust:
    return Trust(eras, Redis(), clock)


class FlakyEras(FakeEras):
    """Cannot be asked three times, then for good."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.well = asyncio.Event()

    async def read(self) -> Era:
        self.asked += 1
        if self.asked <= 3:
            raise DatabaseUnavailableError
        if self.asked > 4:
            self.well.set()
        return await super().read()


async def test_an_outage_is_told_at_its_beginning_and_at_its_end(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.cache.trust.READ_SECONDS", 0.001)
    eras = FlakyEras()
    with caplog.at_level("INFO"):
        keeping = asyncio.create_task(Trust(eras, Redis()).keep())
        await asyncio.wait_for(eras.well.wait(), 5)
        keeping.cancel()
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_without_a_term_nothing_is_read(trust: Trust) -> None:
    assert trust.era() is None


async def test_a_term_ends_by_itself(trust: Trust, clock: Clock) -> None:
    await trust.renew()
    clock.now += TERM_SECONDS - 0.01
    assert trust.era() == 1
    clock.now += 0.01
    assert trust.era() is None


async def test_a_term_counts_from_before_the_question(
    trust: Trust, eras: FakeEras, clock: Clock
) -> None:
    def slow() -> None:
        clock.now += TERM_SECONDS

    eras.before_answer = slow
    await trust.renew()
    assert trust.era() is None


async def test_an_era_that_is_not_trusted_is_not_read(trust: Trust, eras: FakeEras) -> None:
    await eras.distrust()
    await trust.renew()
    assert trust.era() is None


async def test_a_new_era_begins_only_after_every_term_of_the_old_is_over(
    trust: Trust, eras: FakeEras, clock: Clock
) -> None:
    await eras.distrust()
    await trust.renew()
    clock.now += PAUSE_SECONDS - 0.01
    await trust.begin_when_due()
    assert not eras.era.trusted
    clock.now += 0.01
    await trust.begin_when_due()
    assert eras.era == Era(3, trusted=True)


async def test_an_era_that_was_ended_again_meanwhile_gets_its_own_pause(
    trust: Trust, eras: FakeEras, clock: Clock
) -> None:
    await eras.distrust()
    await trust.renew()
    clock.now += PAUSE_SECONDS
    await eras.begin(after=2)
    await eras.distrust()
    await trust.renew()
    await trust.begin_when_due()
    assert eras.era == Era(4, trusted=False)


async def test_a_distrust_that_postgres_cannot_take_is_owed_and_nothing_is_read(
    trust: Trust, eras: FakeEras
) -> None:
    await trust.renew()
    eras.away = True
    with pytest.raises(DatabaseUnavailableError):
        await trust.distrust()
    assert trust.era() is None
    eras.away = False
    await trust.renew()
    assert trust.era() is None
    await trust.pay()
    assert not eras.era.trusted


def test_the_pause_is_longer_than_any_term() -> None:
    assert PAUSE_SECONDS > TERM_SECONDS
