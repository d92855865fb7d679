"""The expected signals of a drill: to come, watched for, ticked off, or missed."""

from datetime import timedelta
from typing import Any

from console.schemas import Drill, JournalEntry
from console.verdict_schemas import SignalReport
from console.views.expected_signals import shown, signals_of
from tests.fakes import believable

ALERT, SILENCE = believable.SIGNALS


def _decided(drill: Drill, kind: str, words: str, **said: Any) -> Drill:
    at = drill.started_at + timedelta(seconds=30)
    line = JournalEntry.model_validate({"at": at, "kind": kind, "message": words, **said})
    return drill.model_copy(update={"journal": [*drill.journal, line]})


def _states(drill: Drill) -> list[tuple[str, str]]:
    return [(each.state, each.tone) for each in signals_of(drill, believable.SIGNALS)]


def test_before_the_fault_they_are_to_come_and_after_it_they_are_watched_for() -> None:
    assert _states(believable.drill(lines=2)) == [("to come", "")] * 2
    assert _states(believable.drill(lines=3)) == [("watching", "warn")] * 2


def test_one_that_was_seen_is_ticked_off_while_the_others_are_watched_for() -> None:
    drill = _decided(
        believable.drill(lines=3),
        "signal.seen",
        "Seen: it fired",
        signal="alert",
        expected=ALERT,
        met=True,
        seconds=24.1,
    )
    assert _states(drill) == [("seen after 24.1 s", "good"), ("watching", "warn")]
    html = shown(signals_of(drill, believable.SIGNALS))
    assert 'data-signals="1 of 2"' in html
    assert '<div class="ph-muted">it fired</div>' in html


def test_one_that_stayed_away_is_told_from_one_that_could_not_be_seen() -> None:
    drill = believable.drill(lines=3)
    drill = _decided(
        drill, "signal.missing", "Missing: x", signal="alert", expected=ALERT, met=False
    )
    drill = _decided(
        drill, "signal.missing", "Not known: y", signal="silent", expected=SILENCE, met=None
    )
    assert _states(drill) == [("missing", "bad"), ("not known", "warn")]


def test_an_alert_that_should_have_stayed_silent_is_unwanted() -> None:
    drill = _decided(
        believable.drill(lines=3),
        "signal.unwanted",
        "Unwanted: it fired",
        signal="silent",
        expected=SILENCE,
        met=False,
    )
    assert _states(drill)[1] == ("unwanted", "bad")


def test_a_drill_that_injected_nothing_looked_for_nothing() -> None:
    drill = believable.drill(lines=2).model_copy(update={"state": "interrupted"})
    assert _states(drill) == [("not looked for", "")] * 2


def test_the_verdict_has_the_last_word_also_of_what_the_experiment_no_longer_expects() -> None:
    drill = believable.drill()
    assert drill.verdict is not None
    drill.verdict.signals = [
        SignalReport(kind="silent", expected="Old stays silent", met=True, words="it was silent")
    ]
    assert [each.expected for each in signals_of(drill, [ALERT])] == [ALERT, "Old stays silent"]
    assert signals_of(drill, [ALERT])[1].state == "silent"
