"""The objectives of `slos.yaml` as typed values."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from alerts.rulebook import Team

# Beyond these a percentage is a slip: nobody promises less, and nothing measures more.
LOWEST, HIGHEST = Decimal(50), Decimal("99.9999")

Value = str | list[str]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Selector(Strict):
    """Which series of a catalogue metric: `where` must hold of their labels, `except` must not.

    A label's value is a string, or a list of those that will do.
    """

    metric: str
    where: dict[str, Value]
    except_: dict[str, Value] = Field(default={}, alias="except")

    @field_validator("where")
    @classmethod
    def _of_a_job(cls, where: dict[str, Value]) -> dict[str, Value]:
        if "job" not in where:
            raise ValueError("says of no job: two processes may expose one metric; add `job`")
        return where


class Share(Strict):
    """Good and bad are told apart by a label: bad is what of `total` also matches `bad`."""

    kind: Literal["share"]
    total: Selector
    bad: dict[str, Value] = Field(min_length=1)


class Latency(Strict):
    """Good is what took at most `seconds`, a bucket's bound of the histogram."""

    kind: Literal["latency"]
    histogram: Selector
    seconds: float = Field(gt=0)


class Delay(Strict):
    """What `entered` a pipeline is good if it `arrived` within `seconds`.

    The histogram counts what arrives with its delay; `failed` is what never will.
    """

    kind: Literal["delay"]
    entered: Selector
    arrived: Selector
    failed: Selector
    seconds: float = Field(gt=0)


Indicator = Annotated[Share | Latency | Delay, Field(discriminator="kind")]


class Slo(Strict):
    """One objective: `objective` percent of what the indicator counts is good, over `window`.

    `feels` says what users notice when it is broken. With fewer than
    `fewest_bad` failures in an alert's long window nobody is called.
    """

    name: str = Field(pattern=r"^[a-z]+(-[a-z]+)*$")
    title: str
    counts: str
    objective: Decimal
    window: str = Field(pattern=r"^[1-9][0-9]*d$")
    description: str
    feels: str
    team: Team
    indicator: Indicator
    fewest_bad: int = Field(ge=1)
    console: str
    dashboard: str = Field(pattern=r"^pharos-[a-z]+$")

    @field_validator("objective")
    @classmethod
    def _leaves_a_budget(cls, objective: Decimal) -> Decimal:
        if not LOWEST <= objective <= HIGHEST:
            raise ValueError(
                f"{objective} is no objective: give a percentage between {LOWEST} and {HIGHEST}; "
                "100 would leave no budget to burn"
            )
        return objective

    @property
    def budget(self) -> Decimal:
        """The share that may fail, such as 0.0001."""
        return ((100 - self.objective) / 100).normalize()

    @property
    def alert(self) -> str:
        """The beginning of its alerts' names."""
        return "".join(word.capitalize() for word in self.name.split("-"))


class Objectives(Strict):
    slos: list[Slo] = Field(min_length=1)
