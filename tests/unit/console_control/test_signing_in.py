"""How long guessing is made to wait, and what the pages show of what was typed."""

from datetime import timedelta

from console.control.pages.render import link_used_up, sign_in_form
from console.control.services.attempts import BY_ADDRESS, BY_NAME, LONGEST_WAIT, wait_after


def test_a_few_mistakes_cost_nothing_and_then_each_costs_more() -> None:
    waits = [wait_after(failures, BY_NAME.free).total_seconds() for failures in range(8)]
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8]


def test_the_wait_grows_to_five_minutes_and_no_further() -> None:
    assert wait_after(10_000, BY_NAME.free) == LONGEST_WAIT == timedelta(minutes=5)


def test_an_address_that_many_share_may_fail_more_often() -> None:
    assert wait_after(BY_NAME.free + 1, BY_ADDRESS.free) == timedelta(0)


def test_what_was_typed_is_shown_as_text_never_as_markup() -> None:
    typed = '"><script>alert(1)</script>'
    page = sign_in_form(next_page=typed, name=typed, error=typed)
    assert "<script>" not in page
    assert page.count("&lt;script&gt;") == 3


def test_each_field_of_the_form_has_its_label() -> None:
    page = sign_in_form(next_page="")
    for field in ("name", "password"):
        assert f'<label for="{field}">' in page
        assert f'id="{field}"' in page


def test_an_error_is_announced_and_a_dead_link_says_what_to_do() -> None:
    assert 'role="alert">Wrong.' in sign_in_form(next_page="", error="Wrong.")
    assert "pharos open" in link_used_up("It was used.")
