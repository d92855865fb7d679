"""What each role is shown: no button that it may not press, and the switch for everybody."""

from typing import Any

import pytest

from tests.fakes import believable


def labels(page: Any) -> set[str]:
    return {button.label for button in page.app.button}


@pytest.fixture(params=["replicas_page", "chaos_page", "alerts_page"])
def page(request: pytest.FixtureRequest) -> Any:
    page = request.getfixturevalue(request.param)
    page.control.alerts = [believable.alert()]
    page.control.held = [believable.silence()]
    page.app.query_params["alert"] = "ReplicaDown"
    page.app.query_params["experiment"] = "kill-replica"
    return page


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_a_viewer_is_shown_everything_but_what_acts(page: Any, role: str) -> None:
    page.control.now.role = page.sources.session.role = role
    page.run()
    actions = {each for each in labels(page) if each not in {"Ask now", "Close"}}
    assert bool(actions) is (role == "operator")
    assert "ph-section" in page.html


def test_whose_role_is_taken_away_loses_the_buttons_at_the_next_look(replicas_page: Any) -> None:
    assert "Scale api to 2" in labels(replicas_page.run())
    replicas_page.control.now.role = "viewer"
    assert labels(replicas_page.run()) == set()
    assert "An operator may scale." in replicas_page.html


@pytest.mark.parametrize(
    ("role", "shown"), [("viewer", set()), ("operator", set()), ("admin", {"Re-arm"})]
)
def test_everybody_may_halt_and_an_admin_alone_is_asked_to_rearm(
    header_page: Any, role: str, shown: set[str]
) -> None:
    header_page.control.now.role = role
    assert labels(header_page.run()) == {"Halt now", "Sign out"}
    header_page.control.now.halt = believable.state(halted=True).halt
    assert labels(header_page.run().run()) == {"Sign out"} | shown


@pytest.mark.parametrize("environment", ["local", "staging", "production"])
def test_the_header_says_where_this_is_and_who_is_here_as_what(
    header_page: Any, environment: str
) -> None:
    header_page.control.now.environment = environment
    assert 'data-chip="environment"' in header_page.run().html
    assert environment in header_page.html
    assert "ada (admin)" in [each.proto.popover.label for each in header_page.app.get("popover")]


def test_on_production_no_drill_is_offered(chaos_page: Any) -> None:
    chaos_page.app.query_params["experiment"] = "kill-replica"
    chaos_page.control.now.environment = "production"
    assert labels(chaos_page.run()) == set()
    assert "no drill starts here" in chaos_page.html
