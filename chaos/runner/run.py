"""One drill from its guards to its verdict: the flow that the child process follows."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from chaos.drill import Control, Drill, NoControl, NoNumbers, Numbers, Traffic
from chaos.journal import Journal, utc_now, write_verdict
from chaos.ledger.book import LedgerError, enter
from chaos.ledger.loaded import awaited_rules
from chaos.ledger.proofs import proofs_in, ways_in
from chaos.places import NoPlaces, Places
from chaos.runner.engine import check_runnable, execute
from chaos.runner.experiments import Plan
from chaos.runner.findings import evidence_of
from chaos.runner.guards import GuardError, alone, check_guards
from chaos.runner.watcher import Watcher, told_to_end
from chaos.schemas import DrillVerdict, GuardProfile, Impact, Kind, Verdict
from chaos.signals.observer import Observer
from chaos.signals.sources import Sources
from chaos.verdict.evidence import Evidence
from chaos.verdict.judge import Finding, judge
from deploy.driver import Driver
from deploy.home import Home

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """Which drill is run, for whom and why; `profile` is what it was let in by."""

    run: str
    plan: Plan
    actor: str
    reason: str
    pid: int
    profile: GuardProfile = "standard"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the drill runs, and what it reaches the product with."""

    home: Home
    environment: str
    driver: Driver
    traffic: Traffic
    gateway: str
    sources: Sources
    places: Places = field(default_factory=NoPlaces)
    numbers: Numbers = field(default_factory=NoNumbers)
    history: Numbers = field(default_factory=NoNumbers)
    control: Control = field(default_factory=NoControl)
    proof_seconds: float = 30.0  # so long Prometheus is asked which rules a drill has proved


def run_drill(order: Order, around: Surroundings) -> DrillVerdict:
    """Run a drill to its end; its journal tells the end only once its verdict is on the disk.

    Raises:
        ExperimentError: an activity of the experiment does not exist; nothing was begun.
        JournalError: the journal cannot be begun, or journal or verdict not be written to the end.
        GuardError: a guard refused; the journal says so too.
    """
    check_runnable(order.plan.source)
    started_at = utc_now()
    journal = Journal(around.home.drills / order.run)
    drill = Drill(
        run=order.run,
        driver=around.driver,
        traffic=around.traffic,
        gateway=around.gateway,
        places=around.places,
        numbers=around.numbers,
        history=around.history,
        control=around.control,
        journal=journal,
    )
    try:
        with _ended(order, drill, started_at, around.home) as ending:
            _start(order, journal)
            with alone(around.home, order.run):
                evidence = _guarded(order, around, drill)
                verdict = ending.conclude(judge(evidence), evidence)
                _prove(verdict, around, journal)
        return verdict
    finally:
        journal.close()


class _Ending:
    """Closes a drill: the verdict first, then the journal's last line, so that an end has both."""

    def __init__(self, order: Order, drill: Drill, started_at: datetime, home: Home) -> None:
        self._order = order
        self._drill = drill
        self._started_at = started_at
        self._folder = home.drills / order.run
        self._verdict: DrillVerdict | None = None

    def conclude(self, finding: Finding, evidence: Evidence | None = None) -> DrillVerdict:
        """Write the verdict; what is to be in place when the drill ends may come after it."""
        verdict = _verdict(self._order, self._drill, self._started_at, finding, evidence)
        write_verdict(self._folder, verdict)
        self._verdict = verdict
        return verdict

    def close(self, otherwise: Finding) -> None:
        """Write the journal's last line; a drill that has no verdict yet gets this one."""
        verdict = self._verdict or self.conclude(otherwise)
        self._drill.journal.write(
            Kind.RUN_ENDED,
            f"{verdict.verdict.capitalize()}: {verdict.reason}",
            verdict=verdict.verdict,
            reason=verdict.reason,
        )


@contextmanager
def _ended(order: Order, drill: Drill, started_at: datetime, home: Home) -> Iterator[_Ending]:
    """Write the drill's end, whatever ends the block."""
    ending = _Ending(order, drill, started_at, home)
    try:
        yield ending
    except GuardError as error:
        drill.journal.write(Kind.REFUSED, f"Refused: {error}")
        ending.close(_unknown(f"refused, nothing was injected: {error}"))
        raise
    except Exception as error:
        ending.close(_unknown(f"the runner broke: {error!r}"))
        raise
    else:
        ending.close(_unknown("it was never judged"))


def _unknown(words: str) -> Finding:
    return Finding(Verdict.INCONCLUSIVE, words)


def _prove(verdict: DrillVerdict, around: Surroundings, journal: Journal) -> None:
    """Enter what the drill proved; where that cannot be done, the drill has passed all the same."""
    if not ways_in(verdict):
        return
    try:
        rules = awaited_rules(
            around.sources, around.proof_seconds, lambda: told_to_end(around.home)
        )
        enter(around.home, proofs_in(verdict, rules))
    except LedgerError as error:
        logger.error("A proof is lost", extra={"error.message": str(error)})  # noqa: TRY400  no bug
        journal.write(Kind.UNPROVEN, f"What it proved is not in the ledger: {error}")


def _start(order: Order, journal: Journal) -> None:
    experiment = order.plan.experiment
    under = "" if order.profile == "standard" else f" under the {order.profile} guards"
    journal.write(
        Kind.RUN_STARTED,
        f"{experiment.title}: {order.actor} runs {experiment.name}{under}: {order.reason}",
        run=order.run,
        experiment=experiment.name,
        actor=order.actor,
        reason=order.reason,
        profile=order.profile,
        pid=order.pid,
    )


def _guarded(order: Order, around: Surroundings, drill: Drill) -> Evidence:
    check_guards(around.home, around.environment, order.plan.experiment.needs)
    observer = Observer(order.plan.signals, around.sources, drill)
    with (
        Watcher(around.home, drill, order.plan.abort_when).watching(),
        observer.observing(),
    ):
        record = execute(order.plan.source, drill)
    return evidence_of(record, drill, order.plan.tolerance)


def _verdict(
    order: Order,
    drill: Drill,
    started_at: datetime,
    finding: Finding,
    evidence: Evidence | None,
) -> DrillVerdict:
    facts = drill.facts
    before = evidence.before if evidence else None
    after = evidence.after if evidence else None
    return DrillVerdict(
        run=order.run,
        experiment=order.plan.experiment.name,
        verdict=finding.verdict,
        reason=finding.words,
        steady_before=before.good if before else None,
        steady_after=after.good if after else None,
        impact=facts.impact or Impact(),
        recovery_seconds=facts.recovery_seconds,
        undo=facts.undo,
        signals=facts.signals,
        target=facts.target,
        pid_before=facts.pid_before,
        pid_after=facts.pid_after,
        started_at=started_at,
        fault_at=facts.fault_at,
        fault_ended_at=facts.fault_ended_at,
        recovered_at=facts.recovered_at,
        ended_at=utc_now(),
    )
