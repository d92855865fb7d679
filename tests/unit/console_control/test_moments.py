"""How the records become moments: deeds and their ends, faults, spikes of errors."""

from datetime import UTC, datetime, timedelta

import pytest

from console.control.services.audit_log import ACTIONS
from console.control.services.moments import KIND_OF, of_audit, of_errors, of_fault
from console.control.storage.tables import AuditRow
from console.schemas import LogBar, LogHistogram
from tests.fakes import believable

BEGIN = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


def row(minute: int, outcome: str, ref: str | None = None, action: str = "scale") -> AuditRow:
    return AuditRow(
        at=BEGIN + timedelta(minutes=minute),
        actor="ada",
        action=action,
        target="api",
        reason="a busy evening",
        outcome=outcome,
        detail="2 → 4",
        ref=ref,
    )


def histogram(counts: dict[int, int], minutes: int = 60) -> LogHistogram:
    """Return a minute a bar, with so many error lines in each of `counts`."""
    return LogHistogram(
        width=60,
        since=BEGIN,
        until=BEGIN + timedelta(minutes=minutes),
        bars=[
            LogBar(at=BEGIN + timedelta(minutes=minute), counts={"error": count, "info": 900})
            for minute, count in counts.items()
        ],
    )


def test_every_action_of_the_audit_log_has_a_kind() -> None:
    assert set(KIND_OF) == set(ACTIONS)


def test_what_was_accepted_and_its_end_are_one_moment() -> None:
    moments = of_audit([row(0, "accepted", "s1"), row(1, "refused"), row(2, "done", "s1")])
    assert [(each.at.minute, each.outcome) for each in moments] == [
        (0, "done: 2 → 4"),
        (1, "refused: 2 → 4"),
    ]
    assert moments[0].ended_at == BEGIN + timedelta(minutes=2)
    assert not moments[0].ongoing


def test_what_was_accepted_goes_on_until_it_has_ended() -> None:
    (moment,) = of_audit([row(0, "accepted", "s1")])
    assert moment.ongoing
    assert moment.ended_at is None


def test_a_drill_that_injected_nothing_has_no_fault() -> None:
    drill = believable.drill()
    assert of_fault(drill.model_copy(update={"journal": []})) is None
    fault = of_fault(drill)
    assert fault is not None
    assert fault.who == drill.actor


def test_neighbouring_bars_are_one_spike() -> None:
    (spike,) = of_errors(histogram({10: 40, 11: 60, 30: 2}))
    assert spike.title == "100 error lines"
    assert spike.at == BEGIN + timedelta(minutes=10)
    assert spike.ended_at == BEGIN + timedelta(minutes=12)


@pytest.mark.parametrize(
    "counts",
    [{}, {10: 4}, dict.fromkeys(range(60), 20) | {30: 90}],
    ids=["none", "a handful", "always many"],
)
def test_what_does_not_stand_out_is_no_spike(counts: dict[int, int]) -> None:
    assert of_errors(histogram(counts)) == []
