"""`pharos chaos validate|ledger|report`: are experiments sound, and what have drills proved?"""

from pathlib import Path
from typing import Annotated

import typer

from alerts.rulebook import Rule, load_rules
from chaos.cli.room import DONE, FAILED, WRONG, AsJson, chaos, client_or_none, fail
from chaos.journal import utc_now
from chaos.ledger import book
from chaos.ledger.book import LedgerError
from chaos.ledger.loaded import differing, loaded_rules
from chaos.ledger.standing import Standing, State, standings
from chaos.probes.prometheus import Prometheus
from chaos.report.curves import charts
from chaos.report.markdown import markdown
from chaos.report.page import page
from chaos.report.run import NoReportError, find_run
from chaos.report.sections import sections, title
from chaos.runner.experiments import FOLDER
from chaos.runner.unproven import check_unproven
from chaos.runner.validation import faults_in, unnamed
from chaos.signals.sources import StackSources
from deploy.home import Home

Files = Annotated[
    list[Path] | None, typer.Argument(help="Experiments' files; all that ship without any.")
]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict", help="Fail for an alert that none expects, too, and no reason is listed."
    ),
]


@chaos.command()
def validate(files: Files = None, strict: Strict = False) -> None:
    """Check experiments: format, and the names of metrics, alerts, log fields and functions."""
    paths = files or sorted(FOLDER.glob("*.yaml"))
    rules = load_rules()
    try:
        faults = [line for path in paths for line in faults_in(path, rules)]
    except (OSError, UnicodeDecodeError) as error:
        fail(f"an experiment cannot be read: {error}", WRONG)
    left: list[Rule] = []
    if not files:
        silent = unnamed(paths, rules)
        excused, wrong = check_unproven(rules, [rule for rule in rules if rule not in silent])
        faults += wrong
        left = [rule for rule in silent if not any(each.speaks_of(rule) for each in excused)]
    for line in faults:
        typer.echo(line)
    for rule in left:
        typer.echo(f"no experiment expects {_named(rule, rules)}")
    sound = "sound" if not faults else f"{len(faults)} faults"
    missed = f", {len(left)} of {len(rules)} alerts in none of them" if left else ""
    typer.echo(f"{len(paths)} experiments: {sound}{missed}")
    raise typer.Exit(FAILED if faults or (strict and left) else DONE)


def _named(rule: Rule, rules: list[Rule]) -> str:
    alike = [other for other in rules if other.alert == rule.alert]
    return rule.alert if len(alike) == 1 else f"{rule.alert} ({rule.labels.severity})"


@chaos.command()
def ledger(as_json: AsJson = False) -> None:
    """Show for each alert rule when a drill last made it fire, be delivered, and resolve."""
    home = Home.from_environment()
    try:
        proofs = book.read(home)
    except LedgerError as error:
        fail(str(error), FAILED)
    rows = standings(_standing_rules(home), proofs, utc_now())
    if as_json:
        typer.echo(f"[{','.join(row.model_dump_json() for row in rows)}]")
        return
    for row in rows:
        typer.echo(_shown(row))
    proven = sum(row.state is State.PROVEN for row in rows)
    typer.echo(f"{proven} of {len(rows)} alerts are proven")


def _standing_rules(home: Home) -> list[Rule]:
    """Return the rules that are loaded; those on the disk when nobody tells which are."""
    written = load_rules()
    try:
        loaded = loaded_rules(StackSources(home))
    except LedgerError as error:
        typer.echo(f"pharos: {error}; these are the rules of this clone", err=True)
        return written
    for rule in differing(loaded, written):
        words = "is not loaded as alerts/rules has it: `pharos down`, then `pharos up`"
        typer.echo(f"pharos: {_named(rule, written)}: {words}", err=True)
    return loaded


def _shown(row: Standing) -> str:
    beginning = f"{row.alert:<28} {row.severity:<7} {row.state:<13}"
    proof = row.proof
    if proof is None:
        return beginning.rstrip()
    when = f"{proof.at.astimezone():%Y-%m-%d %H:%M}"
    course = (
        f"fires {proof.fires_seconds:.0f} s, delivered {proof.delivered_seconds:.0f} s, "
        f"resolved {proof.resolved_seconds:.0f} s after the end"
    )
    return f"{beginning} {when}  {proof.how:<6} {course}  {proof.experiment} {proof.run}"


@chaos.command()
def report(
    run: Annotated[str, typer.Argument(help="The run: see `pharos chaos history`.")],
    html: Annotated[
        Path | None, typer.Option("--html", help="Also write a page with charts there.")
    ] = None,
) -> None:
    """Report on one drill in Markdown: what was expected, done, felt and seen, and the verdict."""
    home = Home.from_environment()
    try:
        found = find_run(run, home, client_or_none())
    except NoReportError as error:
        fail(str(error), WRONG)
    parts = sections(found)
    typer.echo(markdown(title(found), parts), nl=False)
    if html is not None:
        drawn = charts(found.verdict, Prometheus(f"http://127.0.0.1:{home.ports['prometheus']}"))
        if not drawn:
            typer.echo("pharos: Prometheus does not answer: the page has no charts", err=True)
        _write(html, page(title(found), parts, drawn))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}", FAILED)
