"""Where a browser may be sent, and whose pages may speak for its cookie."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.control.browser import Neighbourhood
from deploy.home import Home
from deploy.ports import Ports

STACK = Neighbourhood(Home(Path("/nowhere"), Ports(7400)))
CONSOLE = "http://127.0.0.1:7401/"


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        (None, CONSOLE),
        ("/replicas?role=api", CONSOLE + "replicas?role=api"),
        ("http://localhost:7401/chaos", "http://localhost:7401/chaos"),
        ("https://127.0.0.1:7401/", CONSOLE),
        ("http://127.0.0.1:7402/v1/halt", CONSOLE),
        ("http://127.0.0.1:7401@evil.example/", CONSOLE),
        ("//evil.example/", CONSOLE),
        ("javascript:alert(1)", CONSOLE),
        ("http://[", CONSOLE),
    ],
)
def test_signing_in_leads_to_the_console(wanted: str | None, reached: str) -> None:
    assert STACK.destination(wanted, "127.0.0.1") == reached


@given(st.text() | st.from_regex(r"[/\\]{0,4}(evil\.example|[a-z:@]{0,9})[/\\@]{0,3}.*"))
def test_no_spelling_leads_away_from_the_console(wanted: str) -> None:
    reached = urlsplit(STACK.destination(wanted, "evil.example"))
    assert f"{reached.scheme}://{reached.netloc}" in STACK.consoles


def test_the_console_is_named_as_the_browser_names_this_machine() -> None:
    assert STACK.destination(None, "localhost") == "http://localhost:7401/"


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, False),
        ({"origin": "http://127.0.0.1:7401"}, True),
        ({"origin": "http://localhost:7402"}, True),
        ({"origin": "null"}, False),
        ({"origin": "http://127.0.0.1:8888", "sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"x-pharos-client": "1"}, True),
    ],
)
def test_a_cookie_acts_only_from_the_stacks_own_pages(
    headers: dict[str, str], allowed: bool
) -> None:
    assert STACK.may_use_cookie("POST", headers) is allowed
    assert STACK.may_use_cookie("GET", headers)
