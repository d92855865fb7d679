"""Runs a game day: each drill through the control service, and a journal as it goes."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chaos.client import ControlClient, ControlError, ControlRefusedError
from chaos.gameday.agenda import PROFILE, Agenda, Item
from chaos.gameday.calm import Calm
from chaos.gameday.halts import Halts
from chaos.gameday.load import Load
from chaos.journal import Journal, was_halted
from chaos.runner.following import Following
from chaos.runner.guards import locked, needs_words
from chaos.schemas import DrillVerdict, GameDayKind, JournalEntry, Verdict
from chaos.traffic.run import Finished
from deploy.home import Home
from deploy.local.wanted import missing_extras

Say = Callable[[JournalEntry], None]


class Outcome(StrEnum):
    """How a game day ended, the worst of its drills first."""

    FAILED = "failed"
    HALTED = "halted"
    INTERRUPTED = "interrupted"
    REFUSED = "refused"
    INCONCLUSIVE = "inconclusive"
    PASSED = "passed"


WORST_FIRST = tuple(Outcome)
LONGEST = 300  # the audit log takes 500 letters of a game day's end


@dataclass(frozen=True, slots=True)
class Around:
    """Where a game day runs, and with whom; `load` is None without traffic of its own."""

    home: Home
    client: ControlClient
    calm: Calm
    load: Load | None = None
    say: Say = lambda _: None


def run_game_day(agenda: Agenda, around: Around) -> None:
    """Run it to its end; everything that is to be known of it stands in its journal.

    Raises:
        GuardError: another game day goes on.
        ControlError: the control service did not let it begin; nothing was begun.
        JournalError: its journal cannot be written.
        ControlError, ValueError: a drill cannot be followed; the day ends as interrupted.
    """
    with locked(around.home.game_days, agenda.name, "game day"):
        names = [item.name for item in agenda.items]
        around.client.open_game_day(agenda.name, names, agenda.reason)
        journal = Journal(around.home.game_days / agenda.name)
        try:
            _GameDay(agenda, around, journal).run()
        finally:
            journal.close()


class _GameDay:
    def __init__(self, agenda: Agenda, around: Around, journal: Journal) -> None:
        self._agenda = agenda
        self._around = around
        self._journal = journal
        self._halts = Halts(around.home)
        self._load: Load | None = None  # while it is to go on
        self._drills: list[Outcome] = []  # one for each item that had its turn
        self._beside: list[Outcome] = []  # what befell the day itself
        self._told: list[str] = []  # that in words

    def run(self) -> None:
        try:
            with self._halts.watching():
                self._under_traffic()
        except KeyboardInterrupt:
            self._beside.append(Outcome.INTERRUPTED)
        except Exception as error:
            self._beside.append(Outcome.INTERRUPTED)
            self._told.append(f"then it broke off: {str(error)[:LONGEST]}")
            raise
        finally:
            self._end()

    def _under_traffic(self) -> None:
        try:
            self._begin()
            for item in self._agenda.items:
                if self._halts.look():
                    break
                if self._load is not None and not self._load.alive:
                    self._end_traffic()
                self._one(item)
        finally:
            self._end_traffic()

    def _begin(self) -> None:
        agenda = self._agenda
        rate = f"under {agenda.rate:g} requests a second" if agenda.rate else "without traffic"
        self._write(
            GameDayKind.STARTED,
            f"Game day {agenda.name}: {len(agenda.items)} experiments {rate}: {agenda.reason}",
            reason=agenda.reason,
            profile=PROFILE,
            whole=agenda.whole,
            rate=agenda.rate,
            items=[item.model_dump() for item in agenda.items],
        )
        self._load = self._around.load
        if self._load is not None:
            self._load.begin()

    def _one(self, item: Item) -> None:
        if missing := missing_extras(self._around.home, item.needs):
            self._not_started(item, needs_words(missing), Outcome.INCONCLUSIVE)
            return
        left = self._around.calm.wait(item, self._halts.look)
        if self._halts.look():
            return
        if left:
            words = f"Not calm before {item.name}, which is tried all the same: {'; '.join(left)}"
            self._write(GameDayKind.NOT_CALM, words, experiment=item.name, left=left)
        try:
            reason = f"game day {self._agenda.name}: {self._agenda.reason}"
            run = self._around.client.start(item.name, reason[:500], PROFILE).run
        except ControlRefusedError as error:
            self._not_started(item, str(error), Outcome.REFUSED)
        except ControlError as error:
            self._not_started(item, str(error), Outcome.INCONCLUSIVE)
        else:
            self._write(GameDayKind.DRILL_STARTED, f"{item.name}: drill {run}", **_of(item, run))
            self._follow(item, run)

    def _not_started(self, item: Item, why: str, outcome: Outcome) -> None:
        self._drills.append(outcome)
        words = f"{item.name} was not started: {why}"
        refused = outcome is Outcome.REFUSED
        self._write(GameDayKind.NOT_STARTED, words, experiment=item.name, why=why, refused=refused)

    def _follow(self, item: Item, run: str) -> None:
        following = Following(run, self._around.client, self._around.home)
        halted = was_halted(list(following.entries()))
        self._halts.seen = self._halts.seen or halted
        verdict = following.verdict
        self._drills.append(Outcome.HALTED if halted else _outcome(verdict))
        told = f"{verdict.verdict}: {verdict.reason}" if verdict else "interrupted, no verdict"
        self._write(
            GameDayKind.DRILL_ENDED,
            f"{item.name} {told}",
            verdict=verdict.verdict if verdict else None,
            reason=verdict.reason if verdict else told,
            **_of(item, run),
        )

    def _end_traffic(self) -> None:
        """Write its end down; drills after one that ended by itself show nothing of users."""
        load, self._load = self._load, None
        if load is None:
            return
        finished, trouble = load.end()
        words, fields = _traffic_told(finished, trouble)
        if finished is None or not finished.stopped:
            self._beside.append(Outcome.INCONCLUSIVE)
            self._told.append("but its traffic ended before it")
        self._write(GameDayKind.TRAFFIC_ENDED, words, **fields)

    def _end(self) -> None:
        """Write the end down here first: the audit log's row may not be to be had."""
        if self._halts.look():
            self._beside.append(Outcome.HALTED)
        outcome = self._outcome()
        passed = self._drills.count(Outcome.PASSED)
        words = f"{outcome}: {passed} of {len(self._agenda.items)} drills passed"
        if outcome is Outcome.FAILED and Outcome.HALTED in self._beside:
            self._told.append("then it was halted")
        words = ", ".join([words, *self._told])
        name = self._agenda.name
        self._write(GameDayKind.ENDED, f"Game day {name} {words}", outcome=outcome, words=words)
        try:
            self._around.client.close_game_day(name, outcome, words)
        except (ControlError, KeyboardInterrupt) as error:
            why = str(error) or "interrupted"
            self._write(GameDayKind.UNAUDITED, f"Its end is not in the audit log: {why}")

    def _outcome(self) -> Outcome:
        """Return the worst; what never had its turn is no better than interrupted."""
        every_turn = len(self._drills) == len(self._agenda.items)
        missing = [] if every_turn else [Outcome.INTERRUPTED]
        outcomes = [*self._drills, *self._beside, *missing]
        return min(outcomes, key=WORST_FIRST.index, default=Outcome.INCONCLUSIVE)

    def _write(self, kind: GameDayKind, message: str, **fields: Any) -> None:
        self._around.say(self._journal.write(kind, message, **fields))


def _traffic_told(finished: Finished | None, trouble: str | None) -> tuple[str, dict[str, Any]]:
    if finished is None:
        return f"Traffic broke off: {trouble}", {}
    summary = finished.summary
    words = (
        f"Traffic ended{'' if finished.stopped else ' by itself'}: {summary.sent:,} sent, "
        f"{summary.failed:,} failed, {summary.rate:.1f} a second"
    )
    return words, {"summary": summary.model_dump(), "bottleneck": finished.bottleneck}


def _of(item: Item, run: str) -> dict[str, str]:
    return {"experiment": item.name, "run": run}


def _outcome(verdict: DrillVerdict | None) -> Outcome:
    outcomes = {Verdict.PASSED: Outcome.PASSED, Verdict.FAILED: Outcome.FAILED}
    return outcomes.get(verdict.verdict, Outcome.INCONCLUSIVE) if verdict else Outcome.INCONCLUSIVE
