"""A page as an answer: it loads nothing, runs nothing, and is kept by nobody."""

from collections.abc import Collection

from fastapi import Response, status
from fastapi.responses import HTMLResponse


def page_answer(
    html: str, code: int = status.HTTP_200_OK, form_targets: Collection[str] = ()
) -> Response:
    """Return `html` with the headers of a page; its forms may be sent to `form_targets` alone."""
    targets = " ".join(form_targets) or "'none'"
    answer = HTMLResponse(html, code)
    answer.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action {targets}"
    )
    keep_private(answer)
    return answer


def keep_private(answer: Response) -> None:
    """Codes may stand in the address: neither caches nor other sites may learn them.

    `no-referrer` would go too far: browsers then send the form without its origin.
    """
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "same-origin"
