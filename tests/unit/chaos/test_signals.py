"""What becomes of each expected signal: met, missed, or not known; never met by guessing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chaos.signals.expected import (
    ExpectedAlert,
    ExpectedError,
    ExpectedLog,
    ExpectedMetric,
    ExpectedSilence,
)
from tests.fakes.course import Course

EXPR = "max(pharos_outbox_depth) > 100"
METRIC = ExpectedMetric(metric=EXPR, within=30)
ALERT = ExpectedAlert(alert="ReplicaDown", within=60, resolved_within=40)


def test_a_metric_that_holds_in_time_is_met_with_its_seconds() -> None:
    course = Course(METRIC)
    course.fault()
    course.passing(4)
    course.sources.holding = {EXPR}
    course.look()
    report = course.report()
    assert (report.met, report.seconds) == (True, 5.0)


def test_a_metric_that_never_holds_is_missed() -> None:
    course = Course(METRIC)
    course.fault()
    course.passing(32)
    assert course.report().met is False


def test_a_metric_that_held_before_the_fault_proves_nothing() -> None:
    course = Course(METRIC)
    course.sources.holding = {EXPR}
    course.fault()
    course.look()
    report = course.report()
    assert report.met is None
    assert "before the fault" in report.words


@pytest.mark.parametrize("expected", [METRIC, ALERT, ExpectedSilence(silent="any page")])
def test_what_prometheus_cannot_tell_is_not_known(expected: Any) -> None:
    course = Course(expected)
    course.fault()
    course.sources.blind = {"prometheus", "control"}
    course.passing(62)
    report = course.report()
    assert report.met is None
    assert "does not answer" in report.words


def test_what_was_not_waited_for_is_not_known() -> None:
    course = Course(METRIC)
    course.fault()
    course.passing(5)
    report = course.report()
    assert (report.met, "not waited for" in report.words) == (None, True)


def test_a_line_written_in_time_is_met_though_it_is_read_later() -> None:
    course = Course(ExpectedLog(log="refused", within=10))
    course.fault()
    course.sources.write("the cache refused", timedelta(seconds=8))
    course.look(after=13)
    report = course.report()
    assert report.met is True
    assert report.seconds == pytest.approx(8.0, abs=0.5)


def test_a_line_written_too_late_or_before_the_fault_is_missed() -> None:
    course = Course(ExpectedLog(log="refused", within=10))
    course.sources.write("the cache refused", timedelta(seconds=-5))
    course.fault()
    course.sources.write("the cache refused", timedelta(seconds=11))
    course.look(after=14)
    assert course.report().met is False


def test_an_error_is_met_by_its_line_whose_event_is_named() -> None:
    course = Course(ExpectedError(error="KeyError", within=10))
    course.fault()
    course.sources.write('error.type:"KeyError"', timedelta(0), **{"error.id": "abc123"})
    course.look()
    report = course.report()
    assert (report.kind, report.met) == ("error", True)
    assert "event abc123" in report.words


def fired(course: Course) -> None:
    course.fault()
    course.passing(5)
    course.sources.pend()
    course.passing(15)
    course.sources.fire()
    course.look()
    course.sources.deliver()
    course.look()


def test_an_alert_goes_its_whole_way_and_each_step_has_its_seconds() -> None:
    course = Course(ALERT)
    fired(course)
    course.end_fault()
    course.passing(4)
    course.sources.resolve()
    course.look()
    report = course.report()
    assert report.met is True, report.words
    way = report.way
    assert way is not None
    assert (way.pending, way.firing, way.delivered, way.resolved) == (6.0, 21.0, 22.0, 5.0)
    assert way.severity == "page"


def test_an_alert_is_no_longer_awaited_once_it_was_delivered() -> None:
    course = Course(ALERT)
    assert course.watches[0].awaited
    fired(course)
    assert not course.watches[0].awaited
    assert course.watches[0].unresolved


def test_an_alert_that_stays_silent_is_missed() -> None:
    course = Course(ALERT)
    course.fault()
    course.passing(62)
    assert course.report().met is False


def test_an_alert_of_other_labels_is_another_alert() -> None:
    course = Course(ALERT.model_copy(update={"labels": {"role": "worker"}}))
    fired(course)
    course.passing(40)
    assert course.report().met is False


def test_an_alert_that_fires_and_is_held_back_is_missed() -> None:
    course = Course(ALERT)
    course.fault()
    course.sources.fire()
    course.passing(62)
    report = course.report()
    assert report.met is False
    assert "was not delivered" in report.words


def test_with_the_control_service_dead_the_delivery_is_not_known() -> None:
    course = Course(ALERT)
    course.sources.blind = {"control"}
    course.fault()
    course.sources.fire()
    course.passing(62)
    report = course.report()
    assert report.met is None
    assert "control does not answer" in report.words


def test_an_alert_that_does_not_resolve_is_missed() -> None:
    course = Course(ALERT)
    fired(course)
    course.end_fault()
    course.passing(42)
    report = course.report()
    assert report.met is False
    assert "did not resolve" in report.words


def test_an_alert_that_is_delivered_too_late_is_missed() -> None:
    course = Course(ALERT)
    course.fault()
    course.monotonic += 61
    course.sources.fire()
    course.sources.deliver()
    course.look()
    assert course.report().met is False


def test_an_alert_that_fired_before_the_fault_proves_nothing() -> None:
    course = Course(ALERT)
    course.sources.fire()
    course.fault()
    course.look()
    report = course.report()
    assert report.met is None
    assert "before the fault" in report.words


def test_an_alert_that_was_pending_before_the_fault_proves_nothing_when_it_fires() -> None:
    course = Course(ALERT)
    course.sources.pend()
    course.fault()
    course.passing(5)
    course.sources.fire()
    course.look()
    report = course.report()
    assert report.met is None
    assert "before the fault" in report.words


@pytest.mark.parametrize("expected", [METRIC, ALERT])
def test_what_could_not_be_looked_for_before_the_fault_proves_nothing(expected: Any) -> None:
    course = Course(expected)
    course.sources.blind = {"prometheus"}
    course.fault()
    course.sources.blind = set()
    course.sources.holding = {EXPR}
    course.sources.fire()
    course.look()
    report = course.report()
    assert report.met is None
    assert "before the fault" in report.words


def test_an_earlier_delivery_of_the_same_alert_is_not_this_one() -> None:
    course = Course(ALERT)
    course.sources.deliver(datetime.now(UTC) - timedelta(minutes=5))
    course.fault()
    course.passing(62)
    assert course.report().met is False
