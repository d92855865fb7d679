"""Which drill a schedule starts when: by its seed and the day, within its days and hours."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from console.control.services.schedules.choosing import eligible, turn_on, turns
from console.schedule_schemas import ScheduleSpec
from console.schemas import Experiment, Hit

MONDAY = date(2026, 3, 2)
AMONG = ["blocked-loop", "kill-replica", "pause-redis"]


def spec(**changes: Any) -> ScheduleSpec:
    terms: dict[str, Any] = {
        "name": "weekdays",
        "reason": "stay used to it",
        "tags": ["replicas"],
        "targets": ["api"],
    }
    return ScheduleSpec.model_validate(terms | changes)


def days(count: int) -> list[date]:
    return [MONDAY + timedelta(days=ahead) for ahead in range(count)]


def chosen(terms: ScheduleSpec, count: int = 60) -> list[tuple[datetime, str | None]]:
    found = [turn_on(terms, day, AMONG) for day in days(count)]
    return [(turn.at, turn.experiment) for turn in found if turn is not None]


def test_the_same_seed_and_day_give_the_same_turn() -> None:
    assert chosen(spec()) == chosen(spec())
    assert chosen(spec(seed="weekdays")) == chosen(spec())
    assert chosen(spec(seed="another")) != chosen(spec())


def test_each_weekday_has_one_turn_within_its_hours_and_no_other_day_has_any() -> None:
    terms = spec(weekdays=["tue", "sat"], hours="10:00-10:30", timezone="Europe/Berlin")
    local = [at.astimezone(ZoneInfo("Europe/Berlin")) for at, _ in chosen(terms)]
    assert len(local) == 17
    assert {at.weekday() for at in local} == {1, 5}
    assert all(time(10) <= at.time() < time(10, 30) for at in local)
    # The clocks change on 29 March: the hours are those on the wall, before and after.
    assert {at.utcoffset() for at in local} == {timedelta(hours=1), timedelta(hours=2)}


def test_everything_has_its_turn_in_the_long_run() -> None:
    assert {experiment for _, experiment in chosen(spec())} == set(AMONG)


def test_a_mean_lets_days_go_by_without_a_turn() -> None:
    weeks = 200
    assert len(chosen(spec(mean_per_week=2), weeks * 7)) == pytest.approx(2 * weeks, rel=0.15)
    assert len(chosen(spec(mean_per_week=5), 28)) == 20


def test_other_experiments_change_neither_whether_nor_when() -> None:
    terms = spec(mean_per_week=3)
    moments = [turn_on(terms, day, AMONG) for day in days(30)]
    others = [turn_on(terms, day, ["one"]) for day in days(30)]
    assert [turn and turn.at for turn in moments] == [turn and turn.at for turn in others]


def test_the_next_turns_are_later_than_now_and_in_their_order() -> None:
    now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    found = list(islice(turns(spec(), now, AMONG), 7))
    assert [turn.at for turn in found] == sorted(turn.at for turn in found)
    assert found[0].at > now
    assert next(turns(spec(), found[0].at, AMONG)) == found[1]


def experiment(name: str, *targets: str, tags: tuple[str, ...] = ("replicas",)) -> Experiment:
    words = {"title": name, "description": name, "blast_radius": "x", "rollback": "x"}
    hits = [Hit(target=target) for target in targets]
    return Experiment(name=name, hypothesis=[], action=[], tags=list(tags), hits=hits, **words)


def test_only_what_hits_nothing_but_what_was_opted_in_may_be_chosen() -> None:
    known = [
        experiment("inside", "api"),
        experiment("beyond", "api", "postgres"),
        experiment("says-nothing"),
        experiment("by-name", "redis", tags=()),
        experiment("not-asked-for", "api", tags=()),
    ]
    terms = spec(experiments=["by-name"], targets=["api", "redis"])
    assert eligible(terms, known) == ["by-name", "inside"]


def test_with_nothing_to_choose_a_turn_stands_empty() -> None:
    turn = turn_on(spec(), MONDAY, [])
    assert turn is not None
    assert turn.experiment is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tags": []}, "give experiments or tags"),
        ({"targets": []}, "targets"),
        ({"weekdays": ["someday"]}, "weekdays"),
        ({"weekdays": ["mon"], "mean_per_week": 2}, "mean_per_week is at most 1"),
        ({"hours": "22:00-02:00"}, "give hours within one day"),
        ({"hours": "9-15"}, "are no hours"),
        ({"timezone": "Europe/Nowhere"}, "is no time zone"),
        ({"name": "Not a name"}, "name"),
    ],
)
def test_terms_that_cannot_be_kept_are_told(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        spec(**changes)
