"""The Chaos page: the catalogue, a drill while it runs and after it ended, the history."""

import re
from typing import Any

import pytest

from console.clients.failures import SourceAwayError
from console.guard_schemas import GuardAnswer
from console.schemas import Drill
from console.views.catalogue import fits
from deploy.faults.inventory import Inventory
from tests.fakes import believable, evidence


@pytest.fixture
def opened(chaos_page: Any) -> Any:
    chaos_page.app.query_params["experiment"] = "kill-replica"
    return chaos_page


def test_the_list_shows_what_an_experiment_proves_needs_and_how_it_last_ended(
    chaos_page: Any,
) -> None:
    needy = believable.experiment().model_copy(update={"name": "full-disk", "needs": ["elk"]})
    chaos_page.control.catalogue.append(needy)
    chaos_page.control.past = [believable.drill("r-2", lines=3), believable.drill("r-1")]
    html = chaos_page.run().html
    assert (
        '<a href="/chaos?experiment=kill-replica" target="_self">Kill one API replica</a>' in html
    )
    assert '<td class="ph-wrap">ReplicaDown</td>' in html
    assert "elk: not here" in html
    assert '<a href="/chaos?run=r-2" target="_self">' in html
    assert "r-1" not in html
    chaos_page.control.now.extras = ["elk"]
    assert "elk: not here" not in chaos_page.run().html


@pytest.mark.parametrize(
    ("words", "tags", "fitting"),
    [
        ("", [], True),
        ("REPLICA kill", ["replicas"], True),
        ("ReplicaDown", [], True),
        ("redis", [], False),
        ("", ["replicas", "cache"], False),
    ],
)
def test_the_list_is_narrowed_by_words_and_tags(words: str, tags: list[str], fitting: bool) -> None:
    assert fits(believable.experiment(), words, tags) is fitting


def test_the_address_fills_the_search_in(chaos_page: Any) -> None:
    chaos_page.app.query_params["find"] = "redis"
    assert "No experiment fits." in chaos_page.run().html


def test_an_experiment_is_told_in_plain_words(opened: Any) -> None:
    html = opened.run().html
    for words in ("Fewer than 1 % of the requests fail.", "Blast radius", "Ends early when"):
        assert words in html
    assert "ReplicaDown fires and is delivered within 60 s" in html


def test_an_experiment_that_is_not_there_is_said(chaos_page: Any) -> None:
    chaos_page.app.query_params["experiment"] = "kill-everything"
    assert "There is no experiment kill-everything." in chaos_page.run().html


def test_what_a_guard_has_against_it_is_said_with_its_remedy_and_closes_the_form(
    opened: Any,
) -> None:
    opened.control.against = [
        GuardAnswer(
            guard="page-firing", answer="refused", reason="ReplicaDown fires.", remedy="See to it."
        )
    ]
    html = opened.run().html
    assert 'data-guards="no"' in html
    assert html.index("ReplicaDown fires.") < html.index("The halt switch is off.")
    assert "See to it." in html
    assert all(button.disabled for button in opened.app.button)


def _fill(page: Any, reason: str, typed: str = "") -> Any:
    page.run()
    fields = [field for field in page.app.text_input if field.key.startswith("run-")]
    fields[0].input(reason)
    fields[1].input(typed)
    return page


def test_a_drill_starts_once_its_name_is_typed(opened: Any) -> None:
    _fill(opened, "before the release", "kill").press("Run this drill")
    assert opened.control.asked == []
    assert "Type kill-replica to confirm it." in opened.html
    _fill(opened, "before the release", "kill-replica").press("Run this drill")
    assert [(each.experiment, each.reason) for each in opened.control.asked] == [
        ("kill-replica", "before the release")
    ]
    assert "Drill 20261122T120000-beef" in opened.html


def test_an_admin_alone_chooses_the_guards(opened: Any) -> None:
    opened.run().app.selectbox(key="guard-profile").select("game-day")
    _fill(opened, "game day", "kill-replica").press("Run this drill")
    assert [each.profile for each in opened.control.asked] == ["game-day"]
    opened.control.now.role = "operator"
    opened.app.query_params.clear()
    opened.app.query_params["experiment"] = "kill-replica"
    assert list(opened.run().app.selectbox) == []


def test_the_service_decides_where_the_guards_are_not_known(opened: Any) -> None:
    opened.control.unguarded = SourceAwayError("The control service could not answer.")
    assert "could not answer" in opened.run().html
    assert [button.disabled for button in opened.app.button] == [False]


def test_a_running_drill_shows_its_journal_and_no_verdict(chaos_page: Any) -> None:
    chaos_page.control.past = [believable.drill("r-1", lines=3)]
    chaos_page.app.query_params["run"] = "r-1"
    html = chaos_page.run().html
    assert "Sent SIGKILL to api-2 (pid 4301)." in html
    assert '<li class="ph-now"><span class="ph-dot"></span>Fault<small' in html
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
    chaos_page.app.query_params["view"] = "drills"
    assert '<a href="/chaos?run=r-1" target="_self">' in chaos_page.run().html


def test_no_drill_yet_is_said(chaos_page: Any) -> None:
    chaos_page.app.query_params["view"] = "drills"
    assert "No drill was run yet." in chaos_page.run().html


def test_a_running_drill_shows_its_faults_with_their_leases_and_a_halt(chaos_page: Any) -> None:
    chaos_page.control.past = [believable.drill("r-1", lines=3)]
    chaos_page.control.injected = Inventory(
        faults=[evidence.held_fault()], residue=[], unknown=["the node agent: is away"]
    )
    chaos_page.app.query_params["run"] = "r-1"
    html = chaos_page.run().html
    assert "latency at api-1" in html
    assert "24 of 30 s left" in html
    assert "Not known: the node agent: is away" in html
    chaos_page.reason("it hurts").press("Halt now")
    assert [each.reason for each in chaos_page.control.asked] == ["it hurts"]
    assert "taken back in 0.2 s: latency at api-1; nothing is left" in chaos_page.html


def test_a_fault_that_somebody_else_made_stands_above_the_list(chaos_page: Any) -> None:
    assert "Active faults" not in chaos_page.run().html
    chaos_page.control.injected = Inventory(
        faults=[], residue=["redis (pid 7) is stopped"], unknown=[]
    )
    assert "redis (pid 7) is stopped" in chaos_page.run().html


def test_a_phase_that_a_drill_left_out_is_not_shown_as_gone_through(chaos_page: Any) -> None:
    drill = believable.drill("r-1")
    drill.journal = [entry for entry in drill.journal if entry.kind != "fault.injected"]
    chaos_page.control.past = [drill]
    chaos_page.app.query_params["run"] = "r-1"
    html = chaos_page.run().html
    assert '<li class=""><span class="ph-dot"></span>Fault</li>' in html
    assert '<li class="ph-done"><span class="ph-dot"></span>Verdict<small' in html


def _without(drill: Drill, *kinds: str) -> Drill:
    return drill.model_copy(update={"journal": [e for e in drill.journal if e.kind not in kinds]})


def _phases(page: Any, drill: Drill) -> list[tuple[str, str]]:
    page.control.past = [drill]
    page.app.query_params["run"] = drill.run
    steps = r'<li class="([^"]*)"><span class="ph-dot"></span>([^<]*)(?:<small.*?</small>)?</li>'
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
