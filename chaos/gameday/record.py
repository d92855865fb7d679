"""A game day as its journal tells of it, ended, going on, or cut short."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chaos.gameday.agenda import Item
from chaos.journal import JOURNAL, read_journal, read_verdict
from chaos.runner.guards import lock_holder
from chaos.schemas import DrillVerdict, GameDayKind, JournalEntry
from chaos.traffic.summary import Summary
from deploy.home import Home

CUT_SHORT = "its process died, and its journal ends here"


class RecordError(Exception):
    """What is left of a game day cannot be read; the message says of which, and why."""


class Attempt(BaseModel):
    """What became of one experiment; `why` says it in words. `run` is None if never started."""

    model_config = ConfigDict(frozen=True)

    experiment: str
    state: Literal["ended", "not started", "interrupted", "running", "not reached"]
    why: str = ""
    run: str | None = None
    verdict: DrillVerdict | None = None


class GameDay(BaseModel):
    """A game day, with an attempt for each of its experiments, in their order."""

    model_config = ConfigDict(frozen=True)

    name: str
    state: Literal["running", "ended", "interrupted"]
    outcome: str
    words: str
    reason: str
    whole: bool
    rate: float | None
    started_at: datetime
    ended_at: datetime
    items: list[Item]
    attempts: list[Attempt]
    traffic: Summary | None
    notes: list[str]
    journal: list[JournalEntry]


def names(home: Home) -> list[str]:
    """Return the game days that have begun here, the newest first."""
    if not home.game_days.is_dir():
        return []
    return sorted((path.parent.name for path in home.game_days.glob(f"*/{JOURNAL}")), reverse=True)


def is_game_day(home: Home, name: str) -> bool:
    return Path(name).name == name and (home.game_days / name / JOURNAL).is_file()


def read_game_day(home: Home, name: str) -> GameDay | None:
    """Return a game day; None where its journal has no first line yet.

    Raises:
        RecordError: its journal, or a verdict of its drills, cannot be read.
    """
    try:
        return _read(home, name)
    except (OSError, ValueError, LookupError) as error:
        raise RecordError(f"game day {name} cannot be read: {error}") from error


def _read(home: Home, name: str) -> GameDay | None:
    goes_on = lock_holder(home.game_days) == name  # asked first: it may end in between
    journal = read_journal(home.game_days / name)
    if not journal:
        return None
    first = journal[0]
    ended = next((line for line in journal if line.kind == GameDayKind.ENDED), None)
    state = "ended" if ended else "running" if goes_on else "interrupted"
    fields = first.fields
    items = [Item.model_validate(item) for item in fields["items"]]
    return GameDay(
        name=name,
        state=state,
        outcome=ended.fields["outcome"] if ended else state,
        words=ended.fields["words"] if ended else "it goes on" if goes_on else CUT_SHORT,
        reason=fields["reason"],
        whole=fields["whole"],
        rate=fields["rate"],
        started_at=first.at,
        ended_at=(ended or journal[-1]).at,
        items=items,
        attempts=list(_attempts(home, items, journal, over=state != "running")),
        traffic=_traffic(journal),
        notes=[entry.message for entry in journal if entry.kind in NOTES],
        journal=journal,
    )


NOTES = (GameDayKind.NOT_CALM, GameDayKind.TRAFFIC_ENDED, GameDayKind.UNAUDITED)


def _attempts(
    home: Home, items: list[Item], journal: list[JournalEntry], *, over: bool
) -> Iterator[Attempt]:
    for item in items:
        mine = [line for line in journal if line.fields.get("experiment") == item.name]
        told = [line for line in mine if line.kind != GameDayKind.NOT_CALM]
        yield _attempt(home, item.name, told[-1] if told else None, over=over)


def _attempt(home: Home, name: str, last: JournalEntry | None, *, over: bool) -> Attempt:
    if last is None:
        why = "the game day ended before it" if over else "its turn has not come"
        return Attempt(experiment=name, state="not reached", why=why)
    if last.kind == GameDayKind.NOT_STARTED:
        return Attempt(experiment=name, state="not started", why=last.fields["why"])
    run = last.fields["run"]
    # Of a drill that went on when the game day died, the verdict came all the same.
    verdict = read_verdict(home.drills / run)
    if verdict is not None:
        return Attempt(experiment=name, state="ended", why=verdict.reason, run=run, verdict=verdict)
    if last.kind == GameDayKind.DRILL_ENDED:
        why = last.fields["reason"]
        state: Literal["interrupted", "ended"] = (
            "ended" if last.fields["verdict"] else "interrupted"
        )
        return Attempt(experiment=name, state=state, why=why, run=run)
    return Attempt(
        experiment=name,
        state="interrupted" if over else "running",
        why="it left no verdict" if over else "it goes on",
        run=run,
    )


def _traffic(journal: list[JournalEntry]) -> Summary | None:
    ended = [line.fields for line in journal if line.kind == GameDayKind.TRAFFIC_ENDED]
    return (
        Summary.model_validate(ended[-1]["summary"]) if ended and "summary" in ended[-1] else None
    )
