"""What a game day waits for between two drills."""

import pytest

from chaos.client import ControlClient
from chaos.gameday import calm
from chaos.gameday.agenda import Expects, Item
from chaos.gameday.paging import may_page_yet
from chaos.guard_schemas import GuardAnswer, GuardAnswers
from chaos.schemas import GuardProfile
from chaos.signals.expected import ExpectedMetric
from tests.fakes.signals import FakeSources
from tests.fixtures.control_service import operator, service, stopped
from tests.integration.chaos.days import Days, days

__all__ = ["days", "operator", "service", "stopped"]


MOVED = ExpectedMetric(metric="rate(events[20s]) > 20", means="twenty events a second", within=60)


class Busy(ControlClient):
    """Has a guard refuse at its first two looks, as one does whose rate has yet to fall."""

    guard = "headroom"
    looks = 0

    def guards(self, experiment: str, profile: GuardProfile) -> GuardAnswers:
        self.looks += 1
        answers = super().guards(experiment, profile)
        if self.looks > 2:
            return answers
        busy = GuardAnswer(guard=self.guard, answer="refused", reason="73% of a core")
        return answers.model_copy(update={"guards": [busy], "allowed": False})


class Frozen(Busy):
    """Is refused by what does not pass by itself."""

    guard = "freeze-window"


def test_what_does_not_calm_down_in_time_is_said_and_the_next_is_tried(days: Days) -> None:
    days.sources.fire()
    expecting = Item(name="passes", expects=[Expects(alert="ReplicaDown")])
    day = days.hold(expecting, patience=0.2)
    assert day.outcome == "passed"
    assert "ReplicaDown fires" in day.notes[0]


def test_a_ticket_that_goes_on_is_waited_for_only_by_the_drill_that_proves_it(days: Days) -> None:
    days.sources.fire(alertname="ApiLatencyBurnsSlowly", severity="ticket")
    assert days.hold("passes", patience=0.2).notes == []
    tipping = Item(name="passes", expects=[Expects(alert="ApiLatencyBurnsSlowly", how="tipped")])
    assert days.hold(tipping, patience=0.2, name="20260131T123000-a1b2").notes == []
    proving = Item(name="passes", expects=[Expects(alert="ApiLatencyBurnsSlowly")])
    later = days.hold(proving, patience=0.2, name="20260131T130000-a1b2")
    assert "ApiLatencyBurnsSlowly fires" in later.notes[0]


def test_a_page_that_is_to_come_yet_is_waited_for_where_nobody_is_to_be_paged(days: Days) -> None:
    unpaged = Item(name="passes", unpaged=True)
    days.sources.fire(alertname="ApiAvailabilityBurnsFast", severity="page")
    assert days.hold(unpaged, patience=0.2).notes == []
    days.sources.holding.add(may_page_yet())
    assert days.hold("passes", patience=0.2, name="20260131T130000-a1b2").notes == []
    later = days.hold(unpaged, patience=0.2, name="20260131T140000-a1b2")
    assert "may still page" in later.notes[0]


def test_what_is_missed_all_the_time_is_not_waited_for_to_the_end(
    days: Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calm, "SETTLING_SECONDS", 0.1)
    days.sources.holding.add(may_page_yet())
    assert days.hold(Item(name="passes", unpaged=True)).notes == []


def test_a_metric_that_the_last_drill_moved_is_waited_for_until_it_is_forgotten(days: Days) -> None:
    asked: list[str] = []

    class Forgetting(FakeSources):
        """Holds at its first two looks, as the rate of a flood does that has just ended."""

        def holds(self, promql: str) -> bool:
            asked.append(promql)
            return len(asked) <= 2

    days.sources = Forgetting()
    moving = Item(name="passes", metrics=[MOVED])
    assert days.hold(moving).notes == []
    assert asked == [MOVED.metric] * 3


def test_a_metric_that_is_there_all_the_time_is_said_and_not_waited_for_to_the_end(
    days: Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    days.sources.holding.add(MOVED.metric)
    moving = Item(name="passes", metrics=[MOVED])
    hasty = days.hold(moving, patience=0.2)
    assert "twenty events a second already" in hasty.notes[0]
    monkeypatch.setattr(calm, "FORGETTING_SECONDS", 0.1)
    assert days.hold(moving, name="20260131T130000-a1b2").notes == []


def test_headroom_that_the_last_drill_took_is_waited_for(days: Days) -> None:
    days.client = Busy
    day = days.hold("passes")
    assert (day.outcome, day.notes) == ("passed", [])
    hasty = days.hold("passes", patience=0, name="20260131T130000-a1b2")
    assert "headroom: 73% of a core" in hasty.notes[0]


def test_a_guard_whose_refusal_does_not_pass_is_not_waited_for(days: Days) -> None:
    days.client = Frozen
    assert days.hold("passes", patience=0).notes == []
