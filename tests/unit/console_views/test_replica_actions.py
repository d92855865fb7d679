"""Restart, drain, quarantine and put back: by typing the name, once, and only where one may."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.driver import Aside
from tests.fakes import believable


def _choose(page: Any, deed: str, target: str = "") -> Any:
    page.run()
    page.app.selectbox(key="replica-deed").select(deed)
    page.run()
    if target:
        page.app.selectbox(key=f"replica-target-{deed}").select(target)
        page.run()
    return page


def _type(page: Any, words: str, confirm: str = "") -> Any:
    fields = [field for field in page.app.text_input if field.key.startswith("replica-")]
    fields[0].input(words)
    if confirm:
        fields[1].input(confirm)
    return page


def _put_aside(page: Any, name: str, **what: Any) -> None:
    told = {
        "kind": "quarantine",
        "by": "otto",
        "reason": "it leaks memory",
        "since": datetime.now(UTC) - timedelta(minutes=12),
    }
    stack = page.control.now.stack
    replicas = [
        each.model_copy(update={"aside": Aside(**told | what)}) if each.id == name else each
        for each in stack.replicas
    ]
    page.control.now.stack = stack.model_copy(update={"replicas": replicas})


@pytest.mark.parametrize(
    ("deed", "target", "label"),
    [
        ("Restart", "api", "Restart all of api"),
        ("Restart", "api-2", "Restart api-2"),
        ("Drain", "api-2", "Drain api-2"),
        ("Quarantine", "api-2", "Quarantine api-2"),
    ],
)
def test_what_is_dangerous_takes_the_targets_name_and_acts_once(
    replicas_page: Any, deed: str, target: str, label: str
) -> None:
    page = _choose(replicas_page, deed, target)
    _type(page, "a good reason").press(label)
    assert page.control.asked == []
    assert f"Nothing was changed. Type {target} to confirm it." in page.html
    _type(page, "a good reason", target).press(label)
    assert [each.reason for each in page.control.asked] == ["a good reason"]
    assert not page.control.asked[0].anyway


def test_the_name_of_another_target_confirms_nothing(replicas_page: Any) -> None:
    page = _choose(replicas_page, "Drain", "api-2")
    _type(page, "a good reason", "api-1").press("Drain api-2")
    assert page.control.asked == []


def test_too_much_load_for_the_others_is_said_and_goes_as_anyway(replicas_page: Any) -> None:
    replicas_page.control.room = believable.headroom("no")
    page = _choose(replicas_page, "Drain", "api-2")
    assert 'data-headroom="no"' in page.html
    _type(page, "a good reason", "api-2").press("Drain api-2 anyway")
    assert page.control.asked[0].anyway


def test_where_nobody_would_be_left_nothing_is_offered(replicas_page: Any) -> None:
    alone = {"remaining": 0, "words": "Nobody would be left to serve."}
    replicas_page.control.room = believable.headroom("no").model_copy(update=alone)
    page = _choose(replicas_page, "Drain", "api-2")
    button = next(each for each in page.app.button if each.label == "Drain api-2")
    assert button.disabled
    assert "Nobody would be left to serve. Scale api up by one first." in page.html


def test_who_is_put_aside_is_shown_by_whom_and_why_and_is_put_back(replicas_page: Any) -> None:
    _put_aside(replicas_page, "api-2")
    page = _choose(replicas_page, "Put back")
    assert "quarantined" in page.html
    assert "by otto: it leaks memory" in page.html
    _type(page, "it is well").press("Put back api-2")
    assert page.control.released == ["api-2"]


@pytest.mark.parametrize(
    ("in_flight", "words"),
    [(3, "draining, 3 in flight"), (None, "draining, in flight not known"), (0, "drained")],
)
def test_one_that_drains_tells_what_is_in_flight(
    replicas_page: Any, in_flight: int | None, words: str
) -> None:
    _put_aside(replicas_page, "api-2", kind="drain", in_flight=in_flight)
    assert f">{words}<" in replicas_page.run().html


def test_nobody_aside_is_nobody_to_put_back(replicas_page: Any) -> None:
    assert "Nobody is drained or quarantined." in _choose(replicas_page, "Put back").html


@pytest.mark.parametrize(
    ("state", "label"),
    [
        ("running", "Abort this restart"),
        ("failed", "Go on with the others"),
        ("interrupted", "Go on with the others"),
        ("done", None),
    ],
)
def test_a_restart_shows_how_far_it_is_and_its_way_back(
    replicas_page: Any, state: str, label: str | None
) -> None:
    action = believable.action("api", 3, "new keys")
    changed = {"kind": "restart", "state": state, "progress": "1 of 3 restarted"}
    replicas_page.control.done = [action.model_copy(update=changed)]
    page = replicas_page.run()
    assert f"restart api: {state}. 1 of 3 restarted" in page.html
    offered = {"Abort this restart", "Go on with the others"}
    assert {each.label for each in page.app.button} & offered == ({label} if label else set())


def test_a_refusal_is_said_in_its_words(replicas_page: Any) -> None:
    replicas_page.control.refusal = "api is being scaled already: wait until that is done."
    page = _choose(replicas_page, "Drain", "api-2")
    _type(page, "a good reason", "api-2").press("Drain api-2")
    assert "Nothing was changed. api is being scaled already" in page.html


def test_a_viewer_sees_the_progress_and_no_button(replicas_page: Any) -> None:
    replicas_page.control.now.role = replicas_page.sources.session.role = "viewer"
    action = believable.action("api", 3, "new keys").model_copy(update={"kind": "restart"})
    replicas_page.control.done = [action]
    page = replicas_page.run()
    assert 'data-kind="restart"' in page.html
    assert len(page.app.button) == 0
    assert "An operator may restart, drain and quarantine." in page.html
