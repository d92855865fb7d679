"""The alerts of the objectives: how fast a budget burns, and whether anybody can tell.

Source of the windows and factors: Google's SRE workbook, chapter 5. A factor is
how many times faster than allowed failures come in; both windows of a pair must
show it. The long one says that it matters, the short one that it still goes on,
so the alert ends soon after the fault.
"""

from dataclasses import dataclass
from decimal import Decimal

from alerts.objectives.model import Slo
from alerts.objectives.selecting import of
from alerts.rulebook import Annotations, Group, Labels, Rule, Severity, Team
from backend.observability.catalogue import BAD_COUNTS, BUDGET_LEFT, ERROR_RATIOS, SLI_TOTAL

MISSING = "SliMissing"


@dataclass(frozen=True, slots=True)
class Pair:
    """Fires when failures come in `factor` times as fast as allowed, over both windows."""

    factor: Decimal
    long: str
    short: str


@dataclass(frozen=True, slots=True)
class Speed:
    """An alert an objective: `name` ends its name, `hold` is how long it waits."""

    name: str
    severity: Severity
    pairs: tuple[Pair, Pair]
    hold: str


FAST = Speed(
    "BurnsFast",
    Severity.PAGE,
    # 2 % of a month's budget in an hour, 5 % in six hours.
    (Pair(Decimal("14.4"), "1h", "5m"), Pair(Decimal(6), "6h", "30m")),
    "1m",
)
SLOW = Speed(
    "BurnsSlowly",
    Severity.TICKET,
    # 10 % of a month's budget in a day, or in three.
    (Pair(Decimal(3), "1d", "2h"), Pair(Decimal(1), "3d", "6h")),
    "15m",
)


def burning_group(slos: list[Slo]) -> Group:
    """Return the alerts; they read recorded series only, so looking often is cheap."""
    burning = [_burns(slo, speed) for slo in slos for speed in (FAST, SLOW)]
    return Group(name="slo-burning", interval="15s", rules=[*burning, _missing(slos)])


def limit(slo: Slo, pair: Pair) -> str:
    """Return the error ratio above which a pair fires, without an exponent."""
    return f"{(slo.budget * pair.factor).normalize():f}"


def _burns(slo: Slo, speed: Speed) -> Rule:
    name = f"{slo.alert}{speed.name}"
    return Rule(
        alert=name,
        expr="\nor\n".join(_pair(slo, pair) for pair in speed.pairs),
        **{"for": speed.hold},
        labels=Labels(severity=speed.severity, team=slo.team),
        annotations=Annotations(
            summary=_summary(slo),
            description=_description(slo, speed),
            runbook_url=f"alerts/runbooks/{name}.md",
            console_url=slo.console,
            dashboard_url=f"/d/{slo.dashboard}",
        ),
    )


def _pair(slo: Slo, pair: Pair) -> str:
    """`and` compares by the one label that there is: the matcher of the first is for all three."""
    most = limit(slo, pair)
    conditions = (
        f"{ERROR_RATIOS[pair.long].name}{of(slo)} > {most}",
        f"{ERROR_RATIOS[pair.short].name} > {most}",
        f"{BAD_COUNTS[pair.long].name} >= {slo.fewest_bad}",
    )
    return "(\n  " + "\n  and ".join(conditions) + "\n)"


def _summary(slo: Slo) -> str:
    """Tell the long window's ratio of whichever pair fires, and how often that is the allowed."""
    # Prometheus' templates cannot divide; a query can.
    pace = f'{{{{ with query (printf "vector(%g) / {slo.budget:f}" $value) }}}}'
    return (
        f"{slo.title}: {{{{ $value | humanizePercentage }}}} of {slo.counts} miss the objective, "
        f"{pace}{{{{ . | first | value | humanize }}}} times{{{{ end }}}} what "
        f"{slo.objective}% allows"
    )


def _description(slo: Slo, speed: Speed) -> str:
    fast, steady = speed.pairs
    now = _asked(f"{ERROR_RATIOS[fast.short].name}{of(slo)}", "humanizePercentage")
    left = _asked(f"clamp_min({BUDGET_LEFT.name}{of(slo)}, 0)", "humanizePercentage")
    return (
        f"{slo.feels} In the last {fast.short} {now} missed it; of the budget of {slo.window} "
        f"{left} is left. Fires at {fast.factor} times the pace that the budget allows, over "
        f"{fast.long} and {fast.short}, or {steady.factor} times over {steady.long} and "
        f"{steady.short}."
    )


def _asked(query: str, how: str) -> str:
    quoted = query.replace('"', '\\"')
    answer = f"{{{{ . | first | value | {how} }}}}"
    return f'{{{{ with query "{quoted}" }}}}{answer}{{{{ else }}}}unknown{{{{ end }}}}'


def _missing(slos: list[Slo]) -> Rule:
    absent = [f"absent({SLI_TOTAL.name}{of(slo)})" for slo in slos]
    return Rule(
        alert=MISSING,
        expr="\nor\n".join(absent),
        **{"for": "2m"},
        labels=Labels(severity=Severity.PAGE, team=Team.PLATFORM),
        annotations=Annotations(
            summary=(
                "Nobody can tell whether the objective {{ $labels.slo }} is kept: "
                "{{ $value }} signal is missing"
            ),
            description=(
                "What {{ $labels.slo }} is counted from has not been there for 2 minutes: its "
                "alerts are silent whatever users feel. A process that cannot be scraped, a "
                "metric that was renamed, or rules that fail."
            ),
            runbook_url=f"alerts/runbooks/{MISSING}.md",
            console_url=f"/alerts?alert={MISSING}",
            dashboard_url="/d/pharos-alerting",
        ),
    )
