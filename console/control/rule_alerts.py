"""Asks Prometheus which alerts are pending or fire, with their values.

Protocol: Prometheus' `/api/v1/alerts`. Bounded; a page waits for it.
"""

import math
from datetime import datetime
from typing import Literal

import httpx
from pydantic import BaseModel, Field, ValidationError

from console.control.errors import UnavailableError
from console.schemas import Alert

TIMEOUT = 1.5
# FNV-1a with 64 bits, as Alertmanager makes fingerprints of label sets.
OFFSET, PRIME, SEPARATOR = 14695981039346656037, 1099511628211, b"\xff"


class RuleAlert(BaseModel):
    """One alert as Prometheus holds it."""

    labels: dict[str, str]
    annotations: dict[str, str] = Field(default_factory=dict)
    state: Literal["pending", "firing"]
    active_at: datetime = Field(alias="activeAt")
    value: float

    @property
    def name(self) -> str:
        return self.labels.get("alertname", "unnamed")

    @property
    def number(self) -> float | None:
        return self.value if math.isfinite(self.value) else None

    def alert(self) -> Alert:
        """Return it in the service's own shape, as if it had been delivered."""
        texts = self.annotations
        return Alert(
            fingerprint=fingerprint(self.labels),
            name=self.name,
            severity=self.labels.get("severity", "none"),
            status=self.state,
            summary=texts.get("summary") or texts.get("description") or "",
            description=texts.get("description") or "",
            runbook_url=texts.get("runbook_url"),
            console_url=texts.get("console_url"),
            dashboard_url=texts.get("dashboard_url"),
            labels=self.labels,
            annotations=texts,
            drill=self.labels.get("drill"),
            value=self.number,
            starts_at=self.active_at,
        )


class _Data(BaseModel):
    alerts: list[RuleAlert]


class _Answer(BaseModel):
    data: _Data


def fingerprint(labels: dict[str, str]) -> str:
    """Return the id that Alertmanager gives to an alert of these labels."""
    value = OFFSET
    text = b"".join(
        name.encode() + SEPARATOR + labels[name].encode() + SEPARATOR for name in sorted(labels)
    )
    for byte in text:
        value = ((value ^ byte) * PRIME) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


class RuleAlerts:
    """Asks the Prometheus at `url`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = httpx.Client(base_url=url, timeout=TIMEOUT, trust_env=False)

    def now(self) -> list[RuleAlert]:
        """Return what is pending or fires; raises UnavailableError."""
        try:
            answer = self._client.get("/api/v1/alerts").raise_for_status()
            return _Answer.model_validate_json(answer.content).data.alerts
        except (httpx.HTTPError, ValidationError) as error:
            raise UnavailableError(
                f"Prometheus does not answer at {self._url}: what is pending, and values, are "
                "not known."
            ) from error

    def close(self) -> None:
        self._client.close()
