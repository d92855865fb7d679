"""The watchdog always fires, so a drill waits for what the control service says of its silence."""

from datetime import timedelta

from chaos.signals.expected import ExpectedAlert
from tests.fakes.course import Course


def test_the_watchdog_s_silence_is_learnt_from_the_control_service_alone() -> None:
    course = Course(ExpectedAlert(alert="WatchdogSilent", within=60, resolved_within=40))
    course.fault()
    course.passing(30)
    assert course.fault_at is not None
    # It counts from the last delivery, which was before the fault.
    course.sources.deliver(course.fault_at - timedelta(seconds=4), alertname="WatchdogSilent")
    course.look()
    course.end_fault()
    course.passing(3)
    course.sources.resolve()
    course.look()
    report = course.report()
    assert report.met is True, report.words
    assert report.way is not None
    assert (report.way.delivered, report.way.resolved) == (31.0, 4.0)
