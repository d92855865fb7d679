"""What may be asked of a run, and what the answer to a wrong question is."""

from itertools import islice
from pathlib import Path

import pytest

from chaos.traffic.plan import Plan, UsageError, make_plan
from chaos.traffic.work import OWN_USERS, Post


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "access.log"
    path.write_text(
        "".join(
            f'203.0.113.{n} - - [17/May/2015:{n:02}:00:00 +0000] "GET / HTTP/1.1" 200 1\n'
            for n in range(1, 11)
        )
    )
    return path


@pytest.mark.parametrize(
    ("options", "option", "remedy"),
    [
        ({}, "--trace", "--duration"),
        ({"rate": 10}, "--trace", "--duration"),
        ({"speed": 2, "rate": 2, "duration": 1}, "--speed", "leave one"),
        ({"speed": 2, "duration": 1}, "--speed", "--trace"),
        ({"repeat": 2, "duration": 1}, "--repeat", "--trace"),
        ({"rate": 5001, "duration": 1}, "--rate", "5000"),
        ({"rate": 0, "duration": 1}, "--rate", "above 0"),
        ({"rate": float("nan"), "duration": 1}, "--rate", "above 0"),
        ({"duration": 86401}, "--duration", "86400"),
        ({"trace": Path("none.log")}, "--trace", "No such file"),
    ],
)
def test_a_wrong_use_names_the_option_and_the_remedy(
    options: dict[str, object], option: str, remedy: str
) -> None:
    with pytest.raises(UsageError, match=remedy) as caught:
        plan(**options)
    assert caught.value.option == option


def plan(**options: object) -> Plan:
    names = ("trace", "rate", "speed", "repeat", "duration")
    return make_plan(*(options.get(name) for name in names))  # type: ignore[arg-type]


def test_a_trace_is_replayed_once_unless_told_otherwise(log: Path) -> None:
    assert len(list(plan(trace=log).schedule("run"))) == 10


def test_a_duration_repeats_a_trace_until_then(log: Path) -> None:
    assert len(list(plan(trace=log, rate=100, duration=0.25).schedule("run"))) == 25


def test_repeat_and_duration_end_at_whichever_comes_first(log: Path) -> None:
    assert len(list(plan(trace=log, rate=100, repeat=2, duration=10).schedule("run"))) == 20


def test_each_repeat_has_identities_of_its_own(log: Path) -> None:
    works = [
        work for _, work in plan(trace=log, rate=100, repeat=2).schedule("20260101T000000-abcd")
    ]
    identities = {work.identity.id for work in works if isinstance(work, Post)}
    assert {"1-1", "2-1", "2-10"} < identities
    assert len(identities) == 20


def test_a_second_round_of_the_rhythm_follows_the_first(log: Path) -> None:
    dues = [due for due, _ in plan(trace=log, speed=3600, repeat=2).schedule("run")]
    assert dues == sorted(dues)
    assert dues[10] == pytest.approx(9 + 1 / 3600)


def test_a_rhythm_that_would_take_days_is_refused_with_the_remedy(log: Path) -> None:
    with pytest.raises(UsageError, match="raise --speed"):
        plan(trace=log, speed=0.1)


def test_a_speed_beyond_the_highest_rate_is_refused_with_the_highest(log: Path) -> None:
    with pytest.raises(UsageError, match=r"at most --speed 1\.62005e\+07"):
        plan(trace=log, speed=10**9)


def test_own_traffic_mixes_posts_and_reads_of_a_bounded_number_of_users() -> None:
    works = [work for _, work in islice(plan(rate=100, duration=60).schedule("run"), 2000)]
    posts = sum(isinstance(work, Post) for work in works)
    assert len({work.user for work in works}) == OWN_USERS
    assert 0.75 < posts / len(works) < 0.85
