"""The Chaos page: the catalogue, a drill while it runs and after it ended, the history."""

import re
from typing import Any

import pytest

from console.clients.failures import SourceAwayError
from console.schemas import Drill
from tests.fakes import believable


def test_an_experiment_is_told_in_plain_words(chaos_page: Any) -> None:
    html = chaos_page.run().html
    assert "Fewer than 1 % of the requests fail." in html
    assert "Blast radius" in html


def test_running_a_drill_sends_its_reason_and_opens_it(chaos_page: Any) -> None:
    chaos_page.run().reason("before the release").press("Run this drill")
    assert [(each.experiment, each.reason) for each in chaos_page.control.asked] == [
        ("kill-replica", "before the release")
    ]
    assert "Drill 20261122T120000-beef" in chaos_page.html


def test_the_halt_switch_closes_the_catalogue(chaos_page: Any) -> None:
    chaos_page.control.now.halt = believable.state(halted=True).halt
    chaos_page.run()
    assert "no drill may start" in chaos_page.html
    assert all(button.disabled for button in chaos_page.app.button)


def test_a_running_drill_shows_its_journal_and_no_verdict(chaos_page: Any) -> None:
    chaos_page.control.past = [believable.drill("r-1", lines=3)]
    chaos_page.app.query_params["run"] = "r-1"
    html = chaos_page.run().html
    assert "Sent SIGKILL to api-2 (pid 4301)." in html
    assert '<li class="ph-now"><span class="ph-dot"></span>Fault</li>' in html
    assert "data-verdict" not in html


def test_an_ended_drill_shows_its_verdict_in_numbers(chaos_page: Any) -> None:
    chaos_page.control.past = [believable.drill("r-1")]
    chaos_page.app.query_params["run"] = "r-1"
    html = chaos_page.run().html
    assert 'data-verdict="passed"' in html
    assert "pid 4301 → 4977" in html
    assert "0 (0.00 %)" in html


def test_a_drill_goes_on_in_words_while_the_control_service_is_away(chaos_page: Any) -> None:
    chaos_page.control.past = [believable.drill("r-1", lines=3)]
    chaos_page.app.query_params["run"] = "r-1"
    chaos_page.run()
    chaos_page.control.trouble = SourceAwayError("The control service does not answer.")
    html = chaos_page.run().html
    assert "The drill itself goes on without the control service." in html
    assert "Sent SIGKILL to api-2 (pid 4301)." in html


def test_the_history_links_each_drill(chaos_page: Any) -> None:
    chaos_page.control.past = [believable.drill("r-1")]
    assert '<a href="/chaos?run=r-1" target="_self">r-1</a>' in chaos_page.run().html


def test_no_drill_yet_is_said(chaos_page: Any) -> None:
    assert "No drill was run yet." in chaos_page.run().html


def test_a_phase_that_a_drill_left_out_is_not_shown_as_gone_through(chaos_page: Any) -> None:
    drill = believable.drill("r-1")
    drill.journal = [entry for entry in drill.journal if entry.kind != "fault.injected"]
    chaos_page.control.past = [drill]
    chaos_page.app.query_params["run"] = "r-1"
    html = chaos_page.run().html
    assert '<li class=""><span class="ph-dot"></span>Fault</li>' in html
    assert '<li class="ph-done"><span class="ph-dot"></span>Verdict</li>' in html


def _without(drill: Drill, *kinds: str) -> Drill:
    return drill.model_copy(update={"journal": [e for e in drill.journal if e.kind not in kinds]})


def _phases(page: Any, drill: Drill) -> list[tuple[str, str]]:
    page.control.past = [drill]
    page.app.query_params["run"] = drill.run
    steps = r'<li class="([^"]*)"><span class="ph-dot"></span>([^<]*)</li>'
    return [(words, css) for css, words in re.findall(steps, page.run().html)]


def test_a_fault_that_is_being_injected_is_under_way(chaos_page: Any) -> None:
    drill = believable.drill("r-1", lines=3)
    drill.journal[-1].kind = "fault.injecting"
    assert ("Fault", "ph-now") in _phases(chaos_page, drill)


def test_the_impact_belongs_to_the_recovery(chaos_page: Any) -> None:
    drill = believable.drill("r-1", lines=5)
    impact = drill.journal[-1].model_copy(update={"kind": "impact"})
    drill.journal.append(impact)
    assert ("Recovered", "ph-now") in _phases(chaos_page, drill)


@pytest.mark.parametrize(("kind", "words"), [("refused", "Refused"), ("aborted", "Aborted")])
def test_a_drill_that_was_cut_short_says_how(chaos_page: Any, kind: str, words: str) -> None:
    drill = _without(believable.drill("r-1"), "recovering", "recovered", "steady.after")
    drill.journal[2].kind = kind
    shown = _phases(chaos_page, drill)
    assert shown[-3:] == [(words, "ph-done"), ("Undo read back", "ph-done"), ("Verdict", "ph-done")]
    assert ("Recovered", "") in shown


def test_a_drill_that_was_not_cut_short_has_no_such_phase(chaos_page: Any) -> None:
    words = [words for words, _ in _phases(chaos_page, believable.drill("r-1"))]
    assert len(words) == 7
    assert "Aborted" not in words
