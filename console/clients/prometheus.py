"""A typed client of Prometheus' HTTP API: `/api/v1/query` and `/api/v1/query_range`.

Protocol: https://prometheus.io/docs/prometheus/latest/querying/api/
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
from pydantic import BaseModel, Field, ValidationError

from console.clients.failures import RejectedError, SourceAwayError

TIMEOUT = httpx.Timeout(4.0, connect=1.0)


@dataclass(frozen=True, slots=True)
class Sample:
    """One series now; `value` is None where Prometheus says NaN (a ratio of nothing)."""

    labels: dict[str, str]
    value: float | None


@dataclass(frozen=True, slots=True)
class Series:
    """One series over a window: UTC times, oldest first."""

    labels: dict[str, str]
    points: list[tuple[datetime, float | None]]


class _Result(BaseModel):
    metric: dict[str, str] = Field(default_factory=dict)
    value: tuple[float, str] | None = None
    values: list[tuple[float, str]] = Field(default_factory=list)


class _Data(BaseModel):
    result: list[_Result]


class _Answer(BaseModel):
    data: _Data


class PrometheusClient:
    """Both methods raise SourceAwayError, or RejectedError for a query that is not PromQL."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = httpx.Client(base_url=url, timeout=TIMEOUT)

    def query(self, promql: str, at: datetime) -> list[Sample]:
        """Evaluate an expression that gives an instant vector, at one moment."""
        found = self._results("query", {"query": promql, "time": at.timestamp()})
        return [Sample(each.metric, _number(each.value[1])) for each in found if each.value]

    def query_range(self, promql: str, start: datetime, end: datetime, step: float) -> list[Series]:
        """Evaluate an expression every `step` seconds from `start` to `end`, both included."""
        window = {"start": start.timestamp(), "end": end.timestamp(), "step": step}
        found = self._results("query_range", {"query": promql, **window})
        return [
            Series(
                each.metric,
                [(datetime.fromtimestamp(at, UTC), _number(text)) for at, text in each.values],
            )
            for each in found
        ]

    def _results(self, endpoint: str, form: dict[str, str | float]) -> list[_Result]:
        try:
            answer = self._http.post(f"/api/v1/{endpoint}", data=form)
        except httpx.HTTPError as error:
            raise SourceAwayError(f"Prometheus does not answer at {self._url}.") from error
        if answer.status_code in {httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY}:
            raise RejectedError(f"Prometheus refused a query of this page: {answer.text[:300]}")
        try:
            answer.raise_for_status()
            return _Answer.model_validate_json(answer.content).data.result
        except (httpx.HTTPStatusError, ValidationError) as error:
            raise SourceAwayError(
                f"What answers at {self._url} is not a working Prometheus "
                f"(status {answer.status_code})."
            ) from error


def _number(text: str) -> float | None:
    value = float(text)
    return None if math.isnan(value) else value
