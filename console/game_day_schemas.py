"""The shapes by which a game day tells the control service of its beginning and its end."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from console.schemas import Reason, Request

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
