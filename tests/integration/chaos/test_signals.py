"""Whole drills with expected signals: the system survives each, and only the signals differ."""

import threading
from pathlib import Path
from typing import Any

import pytest

from chaos.errors import BlindError
from chaos.journal import read_journal, read_verdict
from chaos.ledger.book import read
from chaos.probes.prometheus import LoadedRule, RuleAlert
from chaos.runner.guards import running_drill
from chaos.runner.halt import throw_halt
from chaos.schemas import DeliveredAlert, DrillVerdict, Verdict
from chaos.signals.expected import ExpectedAlert, ExpectedMetric, ExpectedSilence, How
from tests.fakes.drills import expecting
from tests.fakes.signals import FakeSources
from tests.fixtures.running import eventually
from tests.integration.chaos.test_drill import RUN, Room

ALERT = ExpectedAlert(alert="ReplicaDown", within=2, resolved_within=20)
METRIC = ExpectedMetric(metric="up == 0", within=2)
# Where what comes, or does not, is claimed: with looks a second apart, a late one or two must
# not be most of the time.
SEEN = METRIC.model_copy(update={"within": 20})
MISSED_METRIC = METRIC.model_copy(update={"within": 10})
MISSED_ALERT = ALERT.model_copy(update={"within": 10})
SILENCE = ExpectedSilence(silent="any page")
LATER = 3  # looks


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


class Pending(FakeSources):
    """What is pending at the drill's end fires a few looks later, or goes."""

    def __init__(self, *, fires: bool) -> None:
        super().__init__()
        self._fires, self._looks = fires, 0

    def rule_alerts(self, how: How = "live") -> list[RuleAlert]:
        if self.alerts:
            self._looks += 1
        if self._looks > LATER:
            (self.fire if self._fires else self.resolve)()
        return super().rule_alerts(how)


@pytest.mark.parametrize(("fires", "verdict"), [(True, Verdict.FAILED), (False, Verdict.PASSED)])
def test_a_page_that_is_pending_at_the_end_is_waited_for(
    room: Room, *, fires: bool, verdict: Verdict
) -> None:
    room.sources = Pending(fires=fires)
    room.on_kill(room.sources.pend)
    found = run(room, SILENCE)
    assert (found.verdict, found.steady_after) == (verdict, True), found.reason


def test_a_halt_ends_the_wait_for_what_is_pending(room: Room) -> None:
    room.on_kill(room.sources.pend)

    def halt() -> None:
        eventually(
            lambda: room.kinds() if (room.home.drills / RUN).exists() else [],
            lambda kinds: "undo" in kinds,
            "the undo",
        )
        throw_halt(room.home, "ana", "enough")

    halting = threading.Thread(target=halt)
    halting.start()
    found = run(room, SILENCE)
    halting.join()
    assert found.verdict is Verdict.INCONCLUSIVE, found.reason


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
    """The alert ends once its delivery was seen. `misses`: so often nobody tells the rules."""

    misses: float = 0

    def delivered(self) -> list[DeliveredAlert]:
        seen = super().delivered()
        if seen:
            self.resolve()
        return seen

    def rules(self) -> list[LoadedRule]:
        self.misses -= 1
        if self.misses >= 0:
            raise BlindError("Prometheus does not answer (timed out)")
        return super().rules()


def prove(room: Room, misses: float = 0, sources: Resolving | None = None) -> DrillVerdict:
    """Run a drill whose alert goes its whole way."""
    room.sources = resolving = sources or Resolving()
    resolving.misses = misses

    def alert() -> None:
        room.sources.fire()
        room.sources.deliver()

    room.on_kill(alert)
    verdict = run(room, ALERT.model_copy(update={"within": 20}))
    assert verdict.verdict is Verdict.PASSED, verdict.reason
    return verdict


def test_an_alert_that_goes_its_whole_way_is_entered_in_the_ledger(room: Room) -> None:
    prove(room)
    assert [(proof.alert, proof.run) for proof in read(room.home)] == [("ReplicaDown", RUN)]


def test_a_prometheus_that_is_busy_for_a_moment_costs_no_proof(room: Room) -> None:
    prove(room, misses=2)
    assert [proof.alert for proof in read(room.home)] == ["ReplicaDown"]
    assert "unproven" not in room.kinds()


def test_a_proof_that_is_lost_is_told_in_the_journal_before_the_end(room: Room) -> None:
    room.proof_seconds = 0.1
    verdict = prove(room, misses=float("inf"))
    assert read(room.home) == []
    assert room.kinds()[-2:] == ["unproven", "run.ended"]
    assert read_verdict(room.home.drills / RUN) == verdict
    lost = read_journal(room.home.drills / RUN)[-2]
    assert "which rules are loaded is not known" in lost.message


def test_a_ledger_that_cannot_be_written_is_told_in_the_journal(room: Room) -> None:
    room.home.ledger_file.mkdir(parents=True)
    prove(room)
    assert room.kinds()[-2:] == ["unproven", "run.ended"]


def test_a_halt_ends_the_wait_for_the_rules(room: Room) -> None:
    class Halting(Resolving):
        def rules(self) -> list[LoadedRule]:
            throw_halt(room.home, "ben", "a real incident")
            return super().rules()

    room.proof_seconds = 3600.0
    prove(room, misses=float("inf"), sources=Halting())
    assert room.kinds()[-2:] == ["unproven", "run.ended"]


def test_a_drill_that_asks_which_rules_it_proved_still_runs(room: Room) -> None:
    seen = []

    class Looking(Resolving):
        def rules(self) -> list[LoadedRule]:
            seen.append((running_drill(room.home), room.kinds()[-1]))
            return super().rules()

    prove(room, sources=Looking())
    assert seen[0][0] == RUN
    assert seen[0][1] != "run.ended"
