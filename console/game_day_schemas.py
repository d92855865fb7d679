"""The shapes of game days: what one tells of its beginning and end, and how those held went."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from console.reason_schemas import Reason
from console.schemas import Request

Name = Annotated[str, StringConstraints(pattern=r"^\d{8}T\d{6}-[0-9a-z]+$")]
GameDayOutcome = Literal["passed", "failed", "inconclusive", "refused", "halted", "interrupted"]


class GameDayRequest(Request):
    """A game day that begins: `name` is that of its folder in the home."""

    name: Name
    experiments: Annotated[list[str], Field(min_length=1, max_length=100)]
    reason: Reason


class GameDayEnd(Request):
    outcome: GameDayOutcome
    words: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class AttemptVerdict(BaseModel):
    verdict: Literal["passed", "failed", "inconclusive"]


class Attempt(BaseModel):
    """What became of one of its experiments; `why` says it in words. `run` is its drill's."""

    experiment: str
    state: Literal["ended", "not started", "interrupted", "running", "not reached"]
    why: str = ""
    run: str | None = None
    verdict: AttemptVerdict | None = None


class GameDayTraffic(BaseModel):
    """`rate` is what was sent a second."""

    sent: int
    failed: int
    rate: float


class HeldGameDay(BaseModel):
    """A game day as its journal tells of it; `traffic` is null until it has ended."""

    name: str
    state: Literal["running", "ended", "interrupted"]
    outcome: str
    words: str
    reason: str
    rate: float | None
    started_at: AwareDatetime
    ended_at: AwareDatetime
    attempts: list[Attempt]
    traffic: GameDayTraffic | None
    notes: list[str]
