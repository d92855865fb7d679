"""What the probes and faults do, each on its own."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.schemas.faults import Injection
from chaos.drill import Cause, Drill, entered
from chaos.errors import AbortedError, BlindError, NotRecoveredError, RefusedError
from chaos.faults.leased import inject
from chaos.faults.replicas import nothing_left
from chaos.journal import read_journal
from chaos.probes.gateway import answers, error_ratio_below, p99_below
from chaos.probes.impact import felt
from chaos.probes.replicas import all_ready, serves_again
from tests.fakes.drills import fake_drill
from tests.fakes.driver import FakeDriver
from tests.fakes.places import FakePlaces, kill, killing
from tests.fakes.traffic import FakeTraffic
from tests.fixtures.running import PATIENCE


@pytest.fixture
def driver() -> FakeDriver:
    return FakeDriver(api=2)


@pytest.fixture
def traffic() -> FakeTraffic:
    return FakeTraffic()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the drill's, whose name its faults bear: that of a test would be too long."""
    return tmp_path / "20260101T000000-0001"


@pytest.fixture
def drill(folder: Path, driver: FakeDriver, traffic: FakeTraffic) -> Iterator[Drill]:
    drill = fake_drill(folder, driver, traffic)
    drill.places = killing(driver)
    with entered(drill):
        yield drill


def kinds(folder: Path) -> list[str]:
    return [entry.kind for entry in read_journal(folder)]


def test_killing_takes_one_ready_replica_and_notes_the_process_that_was_seen(
    drill: Drill, driver: FakeDriver
) -> None:
    before = {row.id: row.pid for row in driver.status().replicas}
    inject("kill", "api")
    assert drill.facts.target is not None
    assert driver.killed == [drill.facts.target]
    assert drill.facts.pid_before == before[drill.facts.target]


def test_the_intent_is_written_down_before_the_deed(drill: Drill, folder: Path) -> None:
    inject("kill", "api")
    assert kinds(folder) == ["fault.injecting", "fault.injected"]


def test_without_a_journal_nothing_is_killed(drill: Drill, driver: FakeDriver) -> None:
    drill.journal.close()
    with pytest.raises(Exception, match="cannot write"):
        inject("kill", "api")
    assert driver.killed == []


def test_a_replica_that_is_put_aside_is_neither_killed_nor_counted(
    drill: Drill, driver: FakeDriver
) -> None:
    first, _second = sorted(row.id for row in driver.status().replicas if row.role == "api")
    driver.quarantine(first)
    with pytest.raises(RefusedError, match="release one that is put aside"):
        inject("kill", "api")
    assert driver.killed == []


def test_the_last_serving_replica_is_never_killed(drill: Drill, driver: FakeDriver) -> None:
    driver.stuck = {"api-2"}
    driver.status()
    with pytest.raises(RefusedError, match="last one is never hit"):
        inject("kill", "api")
    assert driver.killed == []


def test_an_aborted_drill_kills_nothing(drill: Drill, driver: FakeDriver) -> None:
    drill.abort.set(Cause("ana", "stop"))
    with pytest.raises(AbortedError, match="ana: stop"):
        inject("kill", "api")
    assert driver.killed == []


def test_recovery_is_the_same_replica_ready_as_another_process(drill: Drill, folder: Path) -> None:
    inject("kill", "api")
    assert serves_again(within=PATIENCE) >= 0
    assert drill.facts.pid_after not in (None, drill.facts.pid_before)
    assert kinds(folder)[-1] == "recovered"


def test_a_replica_that_stays_away_is_named_with_its_state(
    drill: Drill, driver: FakeDriver
) -> None:
    driver.stuck = {"api-1", "api-2"}
    inject("kill", "api")
    with pytest.raises(NotRecoveredError, match=r"api-\d did not serve again .* is not ready"):
        serves_again(within=0.05)


def test_recovery_without_a_fault_is_not_a_recovery(drill: Drill) -> None:
    with pytest.raises(NotRecoveredError, match="nothing was injected"):
        serves_again(within=0.05)


def test_a_wait_for_recovery_ends_when_the_drill_is_aborted(
    drill: Drill, driver: FakeDriver
) -> None:
    driver.stuck = {"api-1", "api-2"}
    inject("kill", "api")
    drill.abort.set(Cause("SIGTERM", "sent by process 1"))
    with pytest.raises(AbortedError):
        serves_again(within=60.0)


def test_missing_replicas_are_not_a_steady_state(drill: Drill, driver: FakeDriver) -> None:
    assert all_ready("api")
    driver.stuck = {"api-2"}
    driver.status()
    assert not all_ready("api")
    assert drill.facts.take_readings()[-1] == "1 of 2 api replicas ready"


def test_too_many_failed_requests_are_not_a_steady_state(
    drill: Drill, traffic: FakeTraffic
) -> None:
    assert error_ratio_below(limit=0.001, window=0.5)
    traffic.fail(1.0)
    drill.abort.pause(0.1)
    assert not error_ratio_below(limit=0.001, window=0.5)


def test_no_traffic_is_said_and_not_taken_for_good_answers(
    tmp_path: Path, driver: FakeDriver
) -> None:
    with entered(fake_drill(tmp_path / "quiet", driver, FakeTraffic(rate=0))) as drill:
        assert error_ratio_below(limit=0.001, window=10)
        assert p99_below(limit_seconds=0.5, window=10)
        assert drill.facts.take_readings() == [
            "no traffic in 10 s",
            "p99 not judged: no traffic in 10 s",
        ]


def test_slow_answers_are_not_a_steady_state(drill: Drill, traffic: FakeTraffic) -> None:
    assert p99_below(limit_seconds=0.5, window=0.2)
    traffic.slow(0.8)
    drill.abort.pause(0.25)
    assert not p99_below(limit_seconds=0.5, window=0.2)


def test_a_gateway_that_does_not_answer_is_not_a_steady_state(drill: Drill) -> None:
    assert not answers("/v1/users?limit=1")


def test_a_dead_prometheus_is_blindness_not_a_quiet_gateway(
    drill: Drill, traffic: FakeTraffic
) -> None:
    traffic.blind = True
    with pytest.raises(BlindError):
        error_ratio_below(limit=0.001, window=10)


def test_a_gateway_that_has_just_started_is_waited_for(drill: Drill, traffic: FakeTraffic) -> None:
    traffic.scraped_since = time.time()
    assert error_ratio_below(limit=0.001, window=0.3)
    assert drill.facts.readings == ["0 of 60 requests failed in 0 s"]


def test_the_impact_counts_what_failed_between_fault_and_recovery(
    drill: Drill, driver: FakeDriver, traffic: FakeTraffic
) -> None:
    harmed_at: list[float] = []

    def harm(injection: Injection) -> None:
        """From the deed on half of the requests fail: not later, when the journal has it."""
        kill(driver, injection)
        traffic.fail(0.5)
        harmed_at.append(time.time())

    places = FakePlaces()
    places.of_agent.on_inject = harm
    drill.places = places
    inject("kill", "api")
    drill.abort.pause(0.1)
    serves_again(within=PATIENCE)
    felt(before_seconds=5.0)
    impact, fault_at = drill.facts.impact, drill.facts.fault_at
    assert impact is not None
    assert fault_at is not None
    assert impact.requests is not None
    assert impact.failed is not None
    # 200 requests a second; those of the moment between the intent and the deed do not fail.
    before_the_deed = 200 * (harmed_at[0] - fault_at.timestamp())
    assert impact.failed >= 9
    assert impact.requests - 2 * impact.failed == pytest.approx(0, abs=before_the_deed + 1)
    assert impact.error_ratio == pytest.approx(impact.failed / impact.requests)
    assert impact.p99_before_seconds == pytest.approx(0.025, abs=0.005)


def test_read_back_finds_what_is_not_as_before(drill: Drill, driver: FakeDriver) -> None:
    inject("kill", "api")
    driver.stuck = {"api-1", "api-2"}
    driver.scale("api", 3)
    assert not nothing_left("api", within=0.05)
    undo = drill.facts.undo
    assert undo is not None
    assert "another number of api replicas is wanted than before" in undo.residue


def test_a_replica_that_gets_no_requests_is_left_behind_too(
    drill: Drill, traffic: FakeTraffic
) -> None:
    inject("kill", "api")
    drill.driver.status()  # so the first look finds it ready again: there may be no second one
    traffic.serving = 1
    assert not nothing_left("api", within=0.05)
    assert drill.facts.undo is not None
    assert drill.facts.undo.residue == ["the gateway sends requests to 1 of 2 api replicas"]


def test_read_back_waits_until_the_supervisor_has_done_its_part(drill: Drill) -> None:
    inject("kill", "api")
    assert nothing_left("api", within=PATIENCE)


def test_read_back_happens_in_an_aborted_drill_too(drill: Drill) -> None:
    inject("kill", "api")
    drill.abort.set(Cause("ana", "stop"))
    assert nothing_left("api", within=PATIENCE)


def test_what_cannot_be_read_back_is_not_called_clean(drill: Drill, driver: FakeDriver) -> None:
    inject("kill", "api")
    driver.unavailable = True
    with pytest.raises(BlindError):
        nothing_left("api", within=0.05)
    assert drill.facts.undo is None


def test_where_nothing_was_done_nothing_is_left(drill: Drill, driver: FakeDriver) -> None:
    driver.unavailable = True
    assert nothing_left("api", within=5.0)
