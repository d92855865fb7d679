"""The report's parts, in words and tables, whatever they are written down as."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chaos.report.run import Run
from chaos.schemas import DrillVerdict, SignalReport

NONE = "-"
MET = {True: "met", False: "**missed**", None: "not known"}


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, its sentences, and a table: its first row is its head."""

    title: str
    lines: Sequence[str] = ()
    table: Sequence[Sequence[str]] = field(default_factory=list)


def title(run: Run) -> str:
    name = run.experiment.title if run.experiment else run.verdict.experiment
    return f"{name}: {run.verdict.verdict}"


def sections(run: Run) -> list[Section]:
    """Return the report's parts in reading order; those with nothing to say are left out."""
    made = [
        _verdict(run),
        _hypothesis(run),
        _fault(run),
        _impact(run.verdict),
        _signals(run.verdict.signals),
        _ways(run.verdict.signals),
        _course(run),
    ]
    return [each for each in made if each.lines or each.table]


def _verdict(run: Run) -> Section:
    verdict = run.verdict
    started = run.journal[0] if run.journal else None
    said = started.fields if started else {}
    lines = [
        f"{verdict.verdict.capitalize()}: {verdict.reason}.",
        f"Run {verdict.run} of {verdict.experiment}, {moment(verdict.started_at)} to "
        f"{clock(verdict.ended_at)}, by {said.get('actor', 'somebody unknown')}: "
        f"{said.get('reason', 'no reason is known')}.",
    ]
    if run.experiment:
        lines.append(" ".join(run.experiment.description.split()))
    return Section("Verdict", lines)


def _hypothesis(run: Run) -> Section:
    expected = run.experiment.hypothesis if run.experiment else []
    held = {True: "held", False: "did **not** hold", None: "could not be seen"}
    before, after = held[run.verdict.steady_before], held[run.verdict.steady_after]
    return Section("Hypothesis", [*expected, f"It {before} before the fault and {after} after it."])


def _fault(run: Run) -> Section:
    verdict = run.verdict
    if verdict.fault_at is None:
        return Section("Fault", ["Nothing was injected."])
    lines = [entry.message for entry in run.journal if entry.kind == "fault.injected"]
    if verdict.fault_ended_at is not None:
        lasted = (verdict.fault_ended_at - verdict.fault_at).total_seconds()
        begin, end = clock(verdict.fault_at), clock(verdict.fault_ended_at)
        lines.append(f"From {begin} to {end}, {lasted:.1f} s.")
    lines.append(f"Recovery took {seconds(verdict.recovery_seconds)}.")
    undo = verdict.undo
    if undo is None:
        lines.append("Whether anything is left of it is **not known**.")
    elif undo.clean:
        lines.append("Nothing is left of it.")
    else:
        lines.append(f"**Left behind**: {'; '.join(undo.residue)}.")
    return Section("Fault", lines)


def _impact(verdict: DrillVerdict) -> Section:
    impact = verdict.impact
    if impact.requests is None:
        return Section("Impact", ["It is not known."])
    ratio = NONE if impact.error_ratio is None else f"{impact.error_ratio:.2%}"
    return Section(
        "Impact",
        table=[
            ("requests", "failed", "of all", "p99 before", "p99 meanwhile"),
            (
                f"{impact.requests:,.0f}",
                f"{impact.failed or 0:,.0f}",
                ratio,
                seconds(impact.p99_before_seconds),
                seconds(impact.p99_during_seconds),
            ),
        ],
    )


def _signals(signals: Sequence[SignalReport]) -> Section:
    if not signals:
        return Section("Signals", ["None were expected."])
    rows = [
        (each.kind, each.expected, MET[each.met], seconds(each.seconds), each.words)
        for each in signals
    ]
    return Section("Signals", table=[("kind", "expected", "", "after", "seen"), *rows])


def _ways(signals: Sequence[SignalReport]) -> Section:
    rows = [
        (
            f"{way.alert} ({way.severity or 'silent'}, {way.how})",
            *(seconds(at) for at in (way.pending, way.firing, way.delivered, way.resolved)),
        )
        for each in signals
        if (way := each.way) is not None
    ]
    head = ("alert", "pending", "firing", "delivered", "resolved after the fault's end")
    return Section("The alerts' way", table=[head, *rows] if rows else [])


def _course(run: Run) -> Section:
    rows = [(clock(entry.at), entry.kind, entry.message) for entry in run.journal]
    return Section("Course", table=[("at (UTC)", "", ""), *rows] if rows else [])


def seconds(value: float | None) -> str:
    if value is None:
        return NONE
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"


def moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def clock(at: datetime) -> str:
    return f"{at:%H:%M:%S}"
