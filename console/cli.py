"""The console room's verbs: scale, audit, access. Thin clients of the control service."""

import sys
import time
from datetime import datetime
from typing import Annotated, Any, NoReturn

import httpx
import typer
from pydantic import TypeAdapter
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from console.schemas import Action, AuditEntry, Person
from deploy.access import Access, NoAccessError, control_access
from deploy.home import Home

DONE, FAILED, WRONG_USAGE, NOT_READY, REFUSED = range(5)
LOOK_SECONDS = 0.3
COLOURS = {"accepted": "default", "done": "green", "refused": "yellow", "failed": "red"}
REQUEST_TIMEOUT = httpx.Timeout(15.0, connect=2.0)

app = typer.Typer(no_args_is_help=True)
access = typer.Typer(no_args_is_help=True, help="Manage people who may sign in.")
app.add_typer(access, name="access")

out, err = Console(highlight=False), Console(stderr=True, highlight=False)

Reason = Annotated[str, typer.Option(help="Why; it is written to the audit log.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of words.")]


def _end(code: int, words: str) -> NoReturn:
    err.print(f"pharos: {words}", markup=False, soft_wrap=True)
    raise typer.Exit(code)


def _access() -> Access:
    try:
        return control_access(Home.from_environment())
    except (NoAccessError, ValueError) as error:
        _end(NOT_READY, str(error))


class ServiceAwayError(Exception):
    """Nothing answers at the control service's address; the message says what to do."""


def _request(method: str, path: str, **options: Any) -> httpx.Response:
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


def _call(method: str, path: str, **options: Any) -> httpx.Response:
    """Return the control service's answer; any other than a success ends the command."""
    try:
        answer = _request(method, path, **options)
    except ServiceAwayError as error:
        _end(NOT_READY, str(error))
    if answer.is_error:
        _end(*_failure(answer))
    return answer


def _failure(answer: httpx.Response) -> tuple[int, str]:
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


def _print_json(value: Any) -> None:
    sys.stdout.write(TypeAdapter(Any).dump_json(value, indent=2).decode() + "\n")


@app.command()
def scale(  # noqa: PLR0913, PLR0917 (each is an option of the command)
    role: Annotated[str, typer.Argument(help="The role to scale: api.")],
    count: Annotated[int, typer.Argument(help="How many replicas it shall have.")],
    reason: Reason,
    wait: Annotated[bool, typer.Option("--wait", help="Return when they serve.")] = False,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds to wait at most.")] = 150,
    as_json: AsJson = False,
) -> None:
    """Change the number of replicas of a role."""
    asked = {"role": role, "count": count, "reason": reason}
    action = Action.model_validate_json(_call("POST", "/v1/scale", json=asked).content)
    if wait:
        try:
            action = _follow(action, timeout)
        except KeyboardInterrupt:
            _end(NOT_READY, "no longer waiting; it goes on: see `pharos audit`")
    if as_json:
        _print_json(action)
    else:
        out.print(f"{action.target} → {action.wanted}: {action.progress}", markup=False)
    if action.state == "failed":
        raise typer.Exit(FAILED)
    if wait and action.state == "running":
        _end(NOT_READY, f"not done within {timeout:.0f} s; it goes on: see `pharos audit`")


def _follow(action: Action, timeout: float) -> Action:
    """Show the action's progress until it ends, or `timeout` seconds have passed.

    The action outlives a restart of the service, so a service that is away is waited for.
    """
    deadline = time.monotonic() + timeout
    with err.status(action.progress) as line:
        while action.state == "running" and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
            try:
                answer = _request("GET", f"/v1/actions/{action.id}")
            except ServiceAwayError as error:
                line.update(escape(str(error)))
                continue
            if answer.is_error:
                _end(*_failure(answer))
            action = Action.model_validate_json(answer.content)
            line.update(escape(f"{action.target} → {action.wanted}: {action.progress}"))
    return action


@app.command()
def audit(
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many entries.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Read the audit log, newest first."""
    answer = _call("GET", "/v1/audit", params={"limit": limit})
    entries = TypeAdapter(list[AuditEntry]).validate_json(answer.content)
    if as_json:
        _print_json(entries)
        return
    for entry in entries:
        _print_entry(entry)
    if not entries:
        out.print("Nothing has been done yet.")


def _print_entry(entry: AuditEntry) -> None:
    """Print what was done and how it ended on one line, who, why and the detail below it."""
    when, colour = _local(entry.at), COLOURS[entry.outcome]
    what = escape(f"{entry.action} {entry.target}")
    lines = [f"{entry.actor}: {entry.reason}", entry.detail]
    out.print(f"{when}  [bold]{what}[/]  [{colour}]{entry.outcome}[/]", soft_wrap=True)
    for line in filter(None, lines):
        out.print(f"{'':21}{escape(line)}", soft_wrap=True)


@access.command("add")
def add(person: str, reason: Reason) -> None:
    """Let PERSON sign in; the password is asked for, or read from standard input."""
    password = _password()
    asked = {"name": person, "password": password, "reason": reason}
    _call("POST", "/v1/people", json=asked)
    out.print(f"{person} may sign in.", markup=False)


@access.command("list")
def list_people(as_json: AsJson = False) -> None:
    """List the people who may sign in."""
    people = TypeAdapter(list[Person]).validate_json(_call("GET", "/v1/people").content)
    if as_json:
        _print_json(people)
        return
    table = Table("name", "added by", "when", box=None)
    for person in people:
        table.add_row(person.name, escape(person.added_by), _local(person.added_at))
    out.print(table if people else "Nobody yet: `pharos access add PERSON --reason …`.")


@access.command("remove")
def remove(person: str, reason: Reason) -> None:
    """Take PERSON's access away and end their sessions."""
    _call("DELETE", f"/v1/people/{person}", json={"reason": reason})
    out.print(f"{person} may no longer sign in.", markup=False)


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    password = sys.stdin.readline().rstrip("\n")
    if not password:
        _end(WRONG_USAGE, "no password came on standard input")
    return password


def _local(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}"
