"""What every verb does: ask the control service, say what went wrong, end with the right code."""

import sys
from datetime import datetime
from typing import Annotated, Any, NoReturn

import httpx
import typer
from pydantic import TypeAdapter
from rich.console import Console

from deploy.access import Access, NoAccessError, control_access
from deploy.home import Home

DONE, FAILED, WRONG_USAGE, NOT_READY, REFUSED = range(5)
REQUEST_TIMEOUT = httpx.Timeout(15.0, connect=2.0)

out, err = Console(highlight=False), Console(stderr=True, highlight=False)

Reason = Annotated[str, typer.Option(help="Why; it is written to the audit log.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of words.")]


class ServiceAwayError(Exception):
    """Nothing answers at the control service's address; the message says what to do."""


def end(code: int, words: str) -> NoReturn:
    err.print(f"pharos: {words}", markup=False, soft_wrap=True)
    raise typer.Exit(code)


def request(method: str, path: str, **options: Any) -> httpx.Response:
    """Return the control service's answer, whatever it is.

    Raises:
        ServiceAwayError: there is none.
    """
    access = _access()
    try:
        return httpx.request(
            method,
            access.url + path,
            headers={"Authorization": f"Bearer {access.token}"},
            timeout=REQUEST_TIMEOUT,
            trust_env=False,
            **options,
        )
    except httpx.TransportError as error:
        raise ServiceAwayError(
            f"the control service at {access.url} does not answer "
            f"({str(error) or type(error).__name__}): run `pharos status`, then `pharos up`"
        ) from error


def call(method: str, path: str, **options: Any) -> httpx.Response:
    """Return the control service's answer; any other than a success ends the command."""
    try:
        answer = request(method, path, **options)
    except ServiceAwayError as error:
        end(NOT_READY, str(error))
    if answer.is_error:
        end(*failure(answer))
    return answer


def failure(answer: httpx.Response) -> tuple[int, str]:
    """Return the exit code and the words for an answer that is a problem document."""
    try:
        problem = answer.json()
        words = str(problem["detail"])
    except (ValueError, LookupError, TypeError):
        return FAILED, f"the control service answered {answer.status_code}"
    if problem.get("refused"):
        return REFUSED, words
    if answer.status_code == 503:
        return NOT_READY, words
    return (WRONG_USAGE if answer.status_code in (404, 422) else FAILED), words


def print_json(value: Any) -> None:
    sys.stdout.write(TypeAdapter(Any).dump_json(value, indent=2).decode() + "\n")


def local(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}"


def _access() -> Access:
    try:
        return control_access(Home.from_environment())
    except (NoAccessError, ValueError) as error:
        end(NOT_READY, str(error))
