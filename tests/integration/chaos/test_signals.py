"""Whole drills with expected signals: the system survives each, and only the signals differ."""

from pathlib import Path
from typing import Any

import pytest

from chaos.journal import read_journal
from chaos.ledger.book import read
from chaos.schemas import DeliveredAlert, DrillVerdict, Verdict
from chaos.signals.expected import ExpectedAlert, ExpectedMetric, ExpectedSilence
from tests.fakes.drills import expecting
from tests.fakes.signals import FakeSources
from tests.integration.chaos.test_drill import RUN, Room

ALERT = ExpectedAlert(alert="ReplicaDown", within=2, resolved_within=20)
METRIC = ExpectedMetric(metric="up == 0", within=2)
# Where what comes, or does not, is claimed: with looks a second apart, a late one or two must
# not be most of the time.
SEEN = METRIC.model_copy(update={"within": 20})
MISSED_METRIC = METRIC.model_copy(update={"within": 10})
MISSED_ALERT = ALERT.model_copy(update={"within": 10})
SILENCE = ExpectedSilence(silent="any page")


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def run(room: Room, *signals: Any) -> DrillVerdict:
    return room.run(expecting(*signals))


def test_an_expected_metric_that_moves_is_told_in_journal_and_verdict(room: Room) -> None:
    room.on_kill(lambda: room.sources.holding.add(SEEN.metric))
    verdict = run(room, SEEN)
    assert verdict.verdict is Verdict.PASSED, verdict.reason
    assert [report.met for report in verdict.signals] == [True]
    told = [line for line in read_journal(room.home.drills / RUN) if line.kind == "signal.seen"]
    assert [line.fields["signal"] for line in told] == ["metric"]
    assert told[0].fields["seconds"] >= 0


def test_a_missing_metric_fails_a_drill_that_the_system_survived(room: Room) -> None:
    verdict = run(room, MISSED_METRIC)
    assert verdict.verdict is Verdict.FAILED
    assert "up == 0 did not come within 10 s" in verdict.reason
    assert "signal.missing" in room.kinds()


def test_an_expected_alert_that_stays_silent_fails_the_drill(room: Room) -> None:
    verdict = run(room, MISSED_ALERT)
    assert verdict.verdict is Verdict.FAILED
    assert "ReplicaDown did not come within 10 s" in verdict.reason
    assert read(room.home) == []


def test_with_the_control_service_dead_an_expected_alert_is_inconclusive(room: Room) -> None:
    room.sources.blind = {"control"}
    room.on_kill(room.sources.fire)
    verdict = run(room, ALERT)
    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert "control does not answer" in verdict.reason


def test_a_page_that_must_be_silent_and_fires_fails_the_drill(room: Room) -> None:
    room.on_kill(room.sources.fire)
    verdict = run(room, SILENCE)
    assert verdict.verdict is Verdict.FAILED
    assert "ReplicaDown (role=api) fired" in verdict.reason
    assert "signal.unwanted" in room.kinds()


def test_silence_that_was_kept_passes_and_is_written_down_before_the_end(room: Room) -> None:
    verdict = run(room, SILENCE)
    assert verdict.verdict is Verdict.PASSED, verdict.reason
    assert room.kinds()[-2:] == ["signal.seen", "run.ended"]


def test_a_prometheus_that_cannot_be_asked_never_passes_a_signal(room: Room) -> None:
    room.on_kill(lambda: room.sources.blind.update({"prometheus", "control"}))
    verdict = run(room, METRIC)
    assert verdict.verdict is Verdict.INCONCLUSIVE, verdict.reason
    assert verdict.signals[0].met is None


def test_where_nothing_was_injected_no_signal_is_judged(room: Room) -> None:
    room.places.of_agent.away = True
    verdict = run(room, METRIC)
    assert verdict.verdict is Verdict.FAILED
    assert verdict.reason.startswith("the action failed")
    assert verdict.signals[0].met is None


class Resolving(FakeSources):
    """The alert ends once its delivery was seen."""

    def delivered(self) -> list[DeliveredAlert]:
        seen = super().delivered()
        if seen:
            self.resolve()
        return seen


def test_an_alert_that_goes_its_whole_way_is_entered_in_the_ledger(room: Room) -> None:
    room.sources = Resolving()

    def alert() -> None:
        room.sources.fire()
        room.sources.deliver()

    room.on_kill(alert)
    verdict = run(room, ALERT.model_copy(update={"within": 20}))
    assert verdict.verdict is Verdict.PASSED, verdict.reason
    assert [(proof.alert, proof.run) for proof in read(room.home)] == [("ReplicaDown", RUN)]
