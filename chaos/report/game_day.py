"""The report on a game day: which drills ran, and what each alert's account is."""

from collections.abc import Sequence

from chaos.gameday.accounts import Account
from chaos.gameday.record import Attempt, GameDay
from chaos.probes.prometheus import Prometheus
from chaos.report.charts import Chart
from chaos.report.curves import curves
from chaos.report.sections import NONE, Section, clock, moment, seconds
from chaos.schemas import GameDayKind, JournalEntry

STATES = {
    "live": "proven live",
    "tipped": "proven tipped",
    "excused": "cannot be proven here",
    "not proven": "**not proven**",
}


def title(day: GameDay) -> str:
    return f"Game day {day.name}: {day.outcome}"


def sections(day: GameDay, found: Sequence[Account]) -> list[Section]:
    """Return the report's parts in reading order; those with nothing to say are left out."""
    made = [_summary(day, found), _alerts(found), _drills(day), _traffic(day), _course(day)]
    return [each for each in made if each.lines or each.table]


def day_charts(day: GameDay, prometheus: Prometheus) -> list[Chart]:
    """Return what users felt through the whole day, each fault shaded."""
    faults, marks = [], []
    for verdict in (attempt.verdict for attempt in day.attempts):
        if verdict is None or verdict.fault_at is None:
            continue
        end = verdict.fault_ended_at or verdict.recovered_at or verdict.ended_at
        faults.append((verdict.fault_at.timestamp(), end.timestamp()))
        marks.append((verdict.fault_at.timestamp(), verdict.experiment))
    return curves(prometheus, day.started_at, day.ended_at, faults, marks)


def _summary(day: GameDay, found: Sequence[Account]) -> Section:
    rate = f"under {day.rate:g} requests a second" if day.rate else "without traffic of its own"
    lines = [
        f"{day.words.capitalize()}.",
        f"{moment(day.started_at)} to {clock(day.ended_at)} (UTC), {rate}, under the game day's "
        f"guards: {day.reason}.",
    ]
    if found:
        counts = {state: sum(each.state == state for each in found) for state in STATES}
        told = [f"{count} {STATES[state]}" for state, count in counts.items() if count]
        lines.append(f"Of {len(found)} alerts: {', '.join(told)}.")
    return Section("Game day", lines)


def _alerts(found: Sequence[Account]) -> Section:
    head = ("alert", "", "fires", "delivered", "resolved after the end", "by, or why not")
    return Section("Alerts", table=[head, *map(_alert, found)] if found else [])


def _alert(account: Account) -> tuple[str, ...]:
    proof, name = account.proof, f"{account.alert} ({account.severity})"
    if proof is None:
        return (name, STATES[account.state], NONE, NONE, NONE, account.why)
    times = (proof.fires_seconds, proof.delivered_seconds, proof.resolved_seconds)
    by = f"{proof.experiment}, run {proof.run}"
    return (name, STATES[account.state], *map(seconds, times), by)


def _drills(day: GameDay) -> Section:
    head = ("experiment", "run", "", "requests", "failed", "p99 meanwhile", "recovery", "in words")
    return Section("Drills", table=[head, *map(_drill, day.attempts)])


def _drill(attempt: Attempt) -> tuple[str, ...]:
    verdict = attempt.verdict
    if verdict is None:
        told = attempt.state if attempt.state == "running" else f"**{attempt.state}**"
        return (attempt.experiment, attempt.run or NONE, told, *[NONE] * 4, attempt.why)
    impact = verdict.impact
    told = verdict.verdict.value
    return (
        attempt.experiment,
        verdict.run,
        told if told == "passed" else f"**{told}**",
        NONE if impact.requests is None else f"{impact.requests:,.0f}",
        NONE if impact.requests is None else f"{impact.failed or 0:,.0f}",
        seconds(impact.p99_during_seconds),
        seconds(verdict.recovery_seconds),
        verdict.reason,
    )


def _traffic(day: GameDay) -> Section:
    lines = list(day.notes)
    summary = day.traffic
    if summary is None:
        return Section("Traffic and calm", lines)
    row = (
        f"{summary.sent:,}",
        f"{summary.failed:,}",
        f"{summary.failed / max(summary.sent, 1):.3%}",
        f"{summary.retried:,}",
        *(f"{value:,.0f} ms" if value is not None else NONE for value in _quantiles(day)),
    )
    head = ("sent", "failed", "of all", "retried by the gateway", "p50", "p95", "p99")
    return Section("Traffic and calm", lines, [head, row])


def _quantiles(day: GameDay) -> tuple[float | None, ...]:
    summary = day.traffic
    return (summary.p50_ms, summary.p95_ms, summary.p99_ms) if summary else ()


def _course(day: GameDay) -> Section:
    rows = [(clock(entry.at), entry.kind, _line(entry)) for entry in day.journal]
    return Section("Course", table=[("at (UTC)", "", ""), *rows])


def _line(entry: JournalEntry) -> str:
    """Return a line of the course; how a drill ended stands in the table above it."""
    if entry.kind != GameDayKind.DRILL_ENDED:
        return entry.message
    return f"{entry.fields['experiment']}: {entry.fields['verdict'] or 'interrupted'}"
