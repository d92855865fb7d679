"""What is tipped over a written history is never taken for live, nor the other way round."""

from typing import Any

import pytest

from chaos.signals.expected import ExpectedAlert
from tests.fakes.course import Course

LIVE = ExpectedAlert(alert="ReplicaDown", within=60, resolved_within=40)
TIPPED = ExpectedAlert(alert="ReplicaDown", within=60, resolved_within=40, how="tipped")


def test_a_tipped_alert_is_looked_for_where_the_history_was_written() -> None:
    course = Course(TIPPED)
    course.fault()
    course.sources.fire()
    course.sources.tipped = course.sources.alerts
    course.sources.deliver(drill="history")
    course.look()
    course.end_fault()
    course.sources.resolve()
    course.sources.tipped = []
    course.look()
    report = course.report()
    assert report.way is not None
    assert (report.met, report.way.how) == (True, "tipped")


@pytest.mark.parametrize(("expected", "labels"), [(TIPPED, {}), (LIVE, {"drill": "history"})])
def test_neither_is_taken_for_the_other(expected: ExpectedAlert, labels: dict[str, Any]) -> None:
    course = Course(expected)
    course.fault()
    course.sources.deliver(**labels)
    course.passing(62)
    assert course.report().met is False
