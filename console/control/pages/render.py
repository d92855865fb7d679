"""Fills the pages in. Everything that comes from a request is escaped here."""

from functools import cache
from html import escape
from pathlib import Path
from string import Template

FOLDER = Path(__file__).parent


def sign_in_form(*, next_page: str, name: str = "", error: str = "") -> str:
    """Return the sign-in page; `error` is shown above the form, in words."""
    said = f'<p class="wrong" role="alert">{escape(error)}</p>' if error else ""
    content = _template("sign_in").substitute(
        error=said, name=escape(name), next_page=escape(next_page)
    )
    return _framed("Sign in", content)


def link_used_up(reason: str) -> str:
    """Return the page for a one-time link that cannot be used (any more)."""
    return _framed("Link used up", _template("link_used_up").substitute(reason=escape(reason)))


def _framed(title: str, content: str) -> str:
    return _template("frame").substitute(title=escape(title), content=content)


@cache
def _template(name: str) -> Template:
    return Template((FOLDER / f"{name}.html").read_text())
