"""Asks Prometheus: any query, its alerts, and what users feel by the gateway's own counters.

The gateway is the only place that saw every request, those of a killed replica
included. Its counters are read as they were at an instant and subtracted by
us, because `increase()` extrapolates: a drill counts single failed requests.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from chaos.drill import Totals
from chaos.errors import BlindError, NoSampleError

RESPONSES = "envoy_http_downstream_rq_xx"
DURATIONS = "envoy_http_downstream_rq_time_bucket"  # `le` in milliseconds
# The admin port is a listener of the gateway too, under another prefix.
USERS = 'job="gateway",envoy_http_conn_manager_prefix="gateway"'
TOTALS = f'{{__name__=~"{RESPONSES}|{DURATIONS}",{USERS}}}'
SAMPLED_AT = f"max(timestamp({RESPONSES}{{{USERS}}}))"
MEMBERS = "envoy_cluster_membership_healthy"
SERVER_ERRORS = "5"
TIMEOUT = 2.0
Curve = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Sample:
    """One series of an instant vector."""

    labels: dict[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class RuleAlert:
    """An alert as Prometheus holds it: pending or firing; `since` when it became pending."""

    labels: dict[str, str]
    firing: bool
    since: datetime

    @property
    def name(self) -> str:
        return self.labels.get("alertname", "")

    @property
    def severity(self) -> str:
        return self.labels.get("severity", "none")


@dataclass(frozen=True, slots=True)
class LoadedRule:
    """An alert rule as Prometheus has it; its expression is in Prometheus' own spelling."""

    name: str
    expr: str
    for_seconds: float
    labels: dict[str, str]
    annotations: dict[str, str]


class Prometheus:
    """Asks `/api/v1/query`, `…/alerts` and `…/rules`; safe to share between threads."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=TIMEOUT, trust_env=False)

    def query(self, promql: str, at: float | None = None) -> list[Sample]:
        """Return the instant vector of `promql` at `at` (Unix seconds; default now).

        Raises:
            BlindError: Prometheus does not answer, or not with a vector.
        """
        params = {"query": promql} | ({} if at is None else {"time": f"{at:.3f}"})
        try:
            result: list[dict[str, Any]] = self._get("/api/v1/query", params)["result"]
            return [Sample(row["metric"], float(row["value"][1])) for row in result]
        except (ValueError, KeyError, TypeError) as error:
            raise BlindError(f"Prometheus cannot be asked: {error}") from error

    def number(self, promql: str, at: float | None = None) -> float:
        """Return the one value of `promql`.

        Raises:
            NoSampleError: there is none.
            BlindError: as `query`.
        """
        found = self.query(promql, at)
        if not found:
            raise NoSampleError(f"Prometheus has no sample of {promql}")
        return found[0].value

    def curve(
        self, promql: str, start: float, end: float, step: float
    ) -> list[tuple[float, float]]:
        """Return the first series of `promql` between two times, as (Unix seconds, value).

        Raises:
            BlindError: Prometheus does not answer, or not with a matrix.
        """
        asked = {
            "query": promql,
            "start": f"{start:.3f}",
            "end": f"{end:.3f}",
            "step": f"{step:g}",
        }
        try:
            result: list[dict[str, Any]] = self._get("/api/v1/query_range", asked)["result"]
            points = result[0]["values"] if result else []
            return [(float(at), float(value)) for at, value in points]
        except (ValueError, KeyError, TypeError) as error:
            raise BlindError(f"Prometheus cannot be asked: {error}") from error

    def alerts(self) -> list[RuleAlert]:
        """Return the alerts that are pending or fire now.

        Raises:
            BlindError: Prometheus does not answer, or not with alerts.
        """
        try:
            return [
                RuleAlert(
                    row["labels"], row["state"] == "firing", datetime.fromisoformat(row["activeAt"])
                )
                for row in self._get("/api/v1/alerts", {})["alerts"]
            ]
        except (ValueError, KeyError, TypeError) as error:
            raise BlindError(f"Prometheus cannot be asked: {error}") from error

    def rules(self) -> list[LoadedRule]:
        """Return the alert rules that are loaded.

        Raises:
            BlindError: Prometheus does not answer, or not with rules.
        """
        try:
            groups = self._get("/api/v1/rules", {"type": "alert"})["groups"]
            rows = [row for group in groups for row in group["rules"]]
            return [
                LoadedRule(
                    row["name"], row["query"], row["duration"], row["labels"], row["annotations"]
                )
                for row in rows
            ]
        except (ValueError, KeyError, TypeError) as error:
            raise BlindError(f"Prometheus cannot be asked: {error}") from error

    def close(self) -> None:
        self._client.close()

    def _get(self, path: str, params: dict[str, str]) -> Any:
        try:
            answer = self._client.get(path, params=params)
            answer.raise_for_status()
            return answer.json()["data"]
        except httpx.HTTPError as error:
            raise BlindError(f"Prometheus cannot be asked: {error}") from error


class PrometheusTraffic(Prometheus):
    """Implements `chaos.drill.Traffic` over the gateway's counters."""

    def totals(self, at: float | None = None) -> Totals:
        sampled = self.query(SAMPLED_AT, at)
        if not sampled:
            raise NoSampleError("Prometheus has no sample of the gateway: is it being scraped?")
        # The sample's own time: it belongs to both answers even if a scrape comes between them.
        moment = sampled[0].value
        return totals_of(self.query(TOTALS, moment), moment)

    def endpoints(self, role: str, since: float) -> int:
        series = f'{MEMBERS}{{job="gateway",envoy_cluster_name="{role}"}}'
        sampled = self.query(f"timestamp({series})")
        if not sampled or sampled[0].value < since:
            raise BlindError("the gateway's endpoints have not been scraped since")
        return int(sum(sample.value for sample in self.query(series)))


def totals_of(samples: Sequence[Sample], at: float) -> Totals:
    """Add the gateway's listeners up."""
    requests = failed = 0.0
    buckets: dict[float, float] = {}
    for sample in samples:
        if sample.labels["__name__"] == RESPONSES:
            requests += sample.value
            if sample.labels["envoy_response_code_class"] == SERVER_ERRORS:
                failed += sample.value
        else:
            bound = float(sample.labels["le"]) / 1000
            buckets[bound] = buckets.get(bound, 0.0) + sample.value
    return Totals(at=at, requests=requests, failed=failed, buckets=buckets)
