"""The shapes by which alerts are looked at and answered; an alert itself is `schemas.Alert`."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from console.reason_schemas import Reason
from console.schemas import Alert, Request

# Five minutes to seven days: whoever needs longer mends the alert, or its rule.
Minutes = Annotated[int, Field(ge=5, le=7 * 24 * 60)]
# Alertmanager's signs, by whether the value is an expression and whether it shall match.
SIGNS = {(False, True): "=", (False, False): "!=", (True, True): "=~", (True, False): "!~"}
LabelName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$", max_length=100)]


class ActiveAlerts(BaseModel):
    """What is pending or fires now; `troubles` says what cannot be known, and why."""

    alerts: list[Alert]
    troubles: list[str] = Field(default_factory=list)


class Runbook(BaseModel):
    """The page of an alert, in Markdown."""

    alert: str
    text: str


class Matcher(Request):
    """A label and its value; `is_regex`: the value is an anchored RE2 expression."""

    name: LabelName
    value: Annotated[str, StringConstraints(max_length=500)]
    is_regex: bool = False
    is_equal: bool = True

    @property
    def text(self) -> str:
        sign = (
            ("=~" if self.is_regex else "=") if self.is_equal else ("!~" if self.is_regex else "!=")
        )
        return f'{self.name}{sign}"{self.value}"'


class SilenceRequest(Request):
    """Tell nobody of the alerts that match, for so many minutes."""

    matchers: Annotated[list[Matcher], Field(min_length=1, max_length=20)]
    reason: Reason
    minutes: Minutes


class Silence(BaseModel):
    """A silence as Alertmanager holds it."""

    id: str
    state: Literal["pending", "active", "expired"]
    matchers: list[Matcher]
    by: str
    reason: str
    starts_at: datetime
    ends_at: datetime


class AcknowledgeRequest(Request):
    """Say that an alert is being looked at; it goes on firing."""

    reason: Reason
    minutes: Minutes
