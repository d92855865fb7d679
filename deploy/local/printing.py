"""What the verbs print."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy.driver import ComponentState, StackStatus, Urls
from deploy.home import Home
from deploy.local.doctor import Finding, Level
from deploy.local.down import Outcome as DownOutcome
from deploy.local.extras import notes
from deploy.local.links import SignIn
from deploy.local.up import Outcome as UpOutcome

MEGABYTE = 1_000_000
COLOURS = {
    ComponentState.READY: "green",
    ComponentState.STARTING: "yellow",
    ComponentState.DEGRADED: "yellow",
    ComponentState.BACKOFF: "red",
    ComponentState.STOPPED: "red",
}
MARKS = {Level.OK: "[green]ok  [/]", Level.WARN: "[yellow]warn[/]", Level.FAIL: "[red]fail[/]"}


def _out() -> Console:
    return Console(soft_wrap=True, highlight=False)


def outcome_of_up(outcome: UpOutcome) -> None:
    console = _out()
    if outcome.already_ran:
        console.print(f"already ran: {', '.join(outcome.already_ran)}")
    download = ""
    if outcome.downloaded_bytes:
        size = outcome.downloaded_bytes / MEGABYTE
        share = outcome.download_seconds
        download = f", of which {share:.1f} s for getting the servers ({size:.0f} MB)"
    console.print(f"up in {outcome.seconds:.1f} s{download}")


def outcome_of_down(outcome: DownOutcome, root: Path) -> None:
    console = _out()
    if outcome.ended:
        console.print(f"ended {outcome.ended} processes; nothing of the stack runs or listens")
    else:
        console.print("nothing ran")
    console.print(f"removed all data below {root}" if outcome.wiped else f"data stays in {root}")


def links(home: Home, urls: Urls, link: SignIn) -> None:
    console, advice = _out(), notes(home)
    for name, url in urls.model_dump().items():
        if url:
            console.print(f"  {name:<14}{url}")
        if url and name in advice:
            console.print(f"  {'':<14}{advice[name]}", markup=False)
    if link.url:
        console.print(f"  {'sign in':<14}{link.url}  (once)")
    else:
        console.print(f"  {'sign in':<14}{link.problem}", markup=False)


def unready(status: StackStatus) -> str:
    """Return the parts that are not ready, each with its state: "gateway (starting), …"."""
    behind = (part for part in status.components if part.state is not ComponentState.READY)
    return ", ".join(f"{part.name} ({part.state.value})" for part in behind)


def status_table(status: StackStatus) -> None:
    """Print the components, then the replicas."""
    parts = Table("component", "state", "pid", "port", "version", box=None, pad_edge=False)
    for part in status.components:
        state = f"[{COLOURS[part.state]}]{part.state.value}[/]"
        parts.add_row(part.name, state, _cell(part.pid), _cell(part.port), part.version or "")
    rows = Table("replica", "ready", "pid", "address", "ops", box=None, pad_edge=False)
    for row in status.replicas:
        ready = "[green]yes[/]" if row.ready else "[red]no[/]"
        rows.add_row(row.id, ready, _cell(row.pid), row.address or "", row.ops_address)
    console = _out()
    console.print(parts)
    console.print()
    console.print(rows)


def _cell(number: int | None) -> str:
    return "" if number is None else str(number)


def finding(one: Finding) -> None:
    remedy = f"\n     {'':<16}→ {one.remedy}" if one.remedy else ""
    console = _out()
    console.print(MARKS[one.level], end=" ")
    console.print(f"{one.subject:<16}{one.text}{remedy}", markup=False)
