"""What becomes of an alert that must stay silent: kept, broken, or not known."""

import pytest

from chaos.signals.expected import ExpectedAlert, ExpectedSilence
from tests.fakes.course import Course


def test_silence_is_met_when_it_was_watched_to_the_end() -> None:
    course = Course(ExpectedSilence(silent="any page"))
    course.fault()
    course.passing(20)
    assert course.report().met is True


def test_an_alert_that_must_be_silent_and_fires_is_told_with_its_seconds() -> None:
    course = Course(ExpectedSilence(silent="ReplicaDown"))
    course.fault()
    course.sources.fire()
    course.passing(3)
    report = course.report()
    assert (report.met, report.seconds) == (False, 1.0)
    assert "ReplicaDown (role=api) fired" in report.words


@pytest.mark.parametrize("labels", [{"severity": "ticket"}, {"alertname": "Expected"}])
def test_any_page_is_neither_a_ticket_nor_what_is_expected(labels: dict[str, str]) -> None:
    expected = ExpectedAlert(alert="Expected", within=10, resolved_within=10)
    course = Course(ExpectedSilence(silent="any page"), expected)
    course.fault()
    course.sources.fire(**labels)
    course.passing(3)
    assert course.report().met is True


def test_any_page_says_nothing_of_those_that_a_long_fault_may_bring() -> None:
    course = Course(ExpectedSilence(silent="any page", but=("ReplicaDown",)))
    course.fault()
    course.sources.fire()
    course.passing(3)
    report = course.report()
    assert report.met is True
    assert report.expected == "nobody is paged for anything else, ReplicaDown aside"


def test_what_fired_before_the_fault_is_not_the_drill_s_doing() -> None:
    course = Course(ExpectedSilence(silent="any page"))
    course.sources.fire()
    course.fault()
    course.passing(3)
    assert course.report().met is True


def test_what_was_pending_before_the_fault_is_not_the_drill_s_doing_either() -> None:
    course = Course(ExpectedSilence(silent="any page"))
    course.sources.pend()
    course.fault()
    course.sources.fire()
    course.passing(3)
    assert course.report().met is True


def test_what_is_pending_at_the_end_leaves_silence_undecided_until_it_has_gone() -> None:
    course = Course(ExpectedSilence(silent="any page"))
    course.fault()
    course.sources.pend()
    course.look()
    assert course.watches[0].undecided
    course.sources.resolve()
    course.look()
    assert not course.watches[0].undecided
    assert course.report().met is True


def test_a_page_that_is_still_pending_was_not_silent() -> None:
    course = Course(ExpectedSilence(silent="any page"))
    course.fault()
    course.sources.pend()
    course.passing(3)
    report = course.report()
    assert report.met is None
    assert "ReplicaDown (role=api) is pending" in report.words
