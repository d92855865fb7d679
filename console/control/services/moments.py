"""What each record looks like as a moment of the timeline."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from statistics import median

from console.control.storage.tables import AlertRow, AuditRow
from console.schemas import Drill, LogHistogram
from console.timeline_schemas import Kind, Moment

KIND_OF: Mapping[str, Kind] = {
    "access-add": "access",
    "access-remove": "access",
    "access-role": "access",
    "acknowledge": "silence",
    "acknowledge-withdraw": "silence",
    "deploy": "deploy",
    "drain": "scale",
    "drill": "drill",
    "freeze-add": "halt",
    "freeze-remove": "halt",
    "game-day": "game day",
    "halt": "halt",
    "not-allowed": "access",
    "quarantine": "scale",
    "rearm": "halt",
    "release": "scale",
    "restart": "scale",
    "restart-abort": "scale",
    "scale": "scale",
    "schedule-add": "drill",
    "schedule-missed": "drill",
    "schedule-remove": "drill",
    "sign-in": "sign-in",
    "sign-in-link": "sign-in",
    "sign-out": "sign-in",
    "silence": "silence",
    "silence-expire": "silence",
    "token-create": "access",
    "token-refused": "access",
    "token-revoke": "access",
}
# A spike stands out from its surroundings, and is more than a handful of lines.
FEWEST_ERRORS, TIMES_THE_USUAL = 5, 5
FAULT = "fault.injected"


def of_audit(rows: Iterable[AuditRow]) -> list[Moment]:
    """Return one a deed, from `rows` oldest first: what was accepted and its end are one."""
    begun: dict[str, Moment] = {}
    moments = []
    for row in rows:
        if row.ref and (moment := begun.pop(row.ref, None)) is not None:
            moment.ended_at, moment.ongoing = row.at, False
            moment.outcome = f"{row.outcome}: {row.detail}"
            continue
        moment = _deed(row)
        moments.append(moment)
        if row.outcome == "accepted" and row.ref:
            begun[row.ref] = moment
    return moments


def _deed(row: AuditRow) -> Moment:
    return Moment(
        at=row.at,
        ongoing=row.outcome == "accepted",
        kind=KIND_OF.get(row.action, "access"),
        name=f"{row.action} {row.target}",
        title=f"{row.action} {row.target}",
        who=row.actor,
        why=row.reason,
        outcome=f"{row.outcome}: {row.detail}",
        ref=row.ref,
    )


def of_alert(row: AlertRow) -> Moment:
    return Moment(
        at=row.starts_at,
        ended_at=row.ends_at,
        ongoing=row.status == "firing",
        kind="alert",
        name=row.name,
        title=f"{row.name}: {row.summary}",
        outcome=row.severity,
        why=f"drill {row.drill}" if row.drill else None,
        ref=row.name,
    )


def of_fault(drill: Drill) -> Moment | None:
    """Return a drill's fault from its journal; null where none was injected."""
    injected = next((entry for entry in drill.journal if entry.kind == FAULT), None)
    if injected is None:
        return None
    verdict = drill.verdict
    return Moment(
        at=injected.at,
        ended_at=(verdict.recovered_at if verdict else None) or drill.ended_at,
        ongoing=drill.state == "running",
        kind="fault",
        name=f"fault of {drill.experiment}",
        title=injected.message,
        who=drill.actor,
        why=drill.reason,
        ref=drill.run,
    )


def of_errors(found: LogHistogram) -> list[Moment]:
    """Return a moment for each stretch in which many more errors were logged than is usual."""
    bars = {bar.at: _errors(bar.counts) for bar in found.bars}
    width = timedelta(seconds=found.width)
    usual = median(_with_empty(bars, found)) if bars else 0
    most = max(FEWEST_ERRORS, TIMES_THE_USUAL * usual)
    spikes: list[Moment] = []
    counts: list[int] = []
    for at in sorted(bars):
        if bars[at] < most:
            continue
        if spikes and spikes[-1].ended_at == at:
            counts[-1] += bars[at]
        else:
            spikes.append(Moment(at=at, kind="errors", name="error lines", title=""))
            counts.append(bars[at])
        spikes[-1].ended_at = at + width
    for spike, count in zip(spikes, counts, strict=True):
        spike.title = f"{count:,} error lines"
    return spikes


def _errors(counts: Mapping[str, int]) -> int:
    return counts.get("error", 0) + counts.get("critical", 0)


def _with_empty(bars: Mapping[datetime, int], found: LogHistogram) -> Iterator[int]:
    """Yield every bar's count; those without a line are not in a histogram."""
    total = int((found.until - found.since).total_seconds() // found.width)
    yield from bars.values()
    yield from [0] * max(0, total - len(bars))
