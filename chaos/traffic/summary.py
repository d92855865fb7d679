"""The end of a run in two forms: JSON for programs, lines for people."""

from pydantic import BaseModel

from chaos.traffic.plan import Plan
from chaos.traffic.tally import Tally

SHOWN_REASONS = 10


class Summary(BaseModel):
    """`pharos load --json`.

    `sent` counts events, and in traffic of its own reads too; it is `ok + failed`.
    What could not be sent because too much was in flight counts as sent and failed.
    `retried` is what the gateway tried again, `users` the distinct users of this
    run. Latencies are milliseconds from the intended time of sending, failures
    included; null when nothing was answered. `rate` is what was sent a second.
    """

    run: str
    sent: int
    ok: int
    failed: int
    retried: int
    malformed: int
    users: int
    events_accepted: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    rate: float


def summarize(run: str, plan: Plan, tally: Tally, retried: int, users: int) -> Summary:
    """Put a finished run's figures together."""
    return Summary(
        run=run,
        sent=tally.sent,
        ok=tally.ok,
        failed=tally.failed,
        retried=retried,
        malformed=plan.trace.malformed if plan.trace else 0,
        users=users,
        events_accepted=tally.accepted,
        p50_ms=milliseconds(tally, 0.50),
        p95_ms=milliseconds(tally, 0.95),
        p99_ms=milliseconds(tally, 0.99),
        rate=round(tally.rate, 1),
    )


def milliseconds(tally: Tally, share: float) -> float | None:
    seconds = tally.latencies.quantile(share)
    return None if seconds is None else round(seconds * 1000, 2)


def describe(summary: Summary) -> str:
    """Return the figures as the lines that a person reads."""
    rows = (
        ("sent", summary.sent, f"{summary.rate:,.1f} a second"),
        ("ok", summary.ok, ""),
        ("failed", summary.failed, ""),
        ("retried", summary.retried, "by the gateway"),
        ("users", summary.users, ""),
        ("accepted", summary.events_accepted, "events"),
    )
    lines = [
        f"run {summary.run}",
        *(f"  {name:<9}{value:>12,}  {note}".rstrip() for name, value, note in rows),
    ]
    lines.append(f"  latency   {_latency(summary)}")
    return "\n".join(lines)


def explain(plan: Plan, tally: Tally) -> list[str]:
    """Return the lines behind the figures: failures by reason, and what was left out and why."""
    return [*_reasons(tally), *_malformed(plan)]


def _latency(summary: Summary) -> str:
    figures = {"p50": summary.p50_ms, "p95": summary.p95_ms, "p99": summary.p99_ms}
    known = [f"{name} {value:,.1f} ms" for name, value in figures.items() if value is not None]
    return f"{' · '.join(known)} from the intended time" if known else "nothing was answered"


def _reasons(tally: Tally) -> list[str]:
    if not tally.reasons:
        return []
    shown = tally.reasons.most_common(SHOWN_REASONS)
    lines = ["failures by reason:", *(f"  {count:>8,}  {reason}" for reason, count in shown)]
    rest = len(tally.reasons) - len(shown)
    return [*lines, f"            and {rest} further reasons"] if rest else lines


def _malformed(plan: Plan) -> list[str]:
    if not plan.trace or not plan.trace.malformed:
        return []
    rest = plan.trace.malformed - len(plan.trace.shown)
    lines = [f"left out of {plan.trace.path.name}, {plan.trace.malformed:,} malformed:"]
    lines += [f"  line {number}: {reason}" for number, reason in plan.trace.shown]
    return [*lines, f"  and {rest:,} more"] if rest else lines
