"""What each replica carries now, asked of Prometheus: a preview says what it would carry then."""

import logging

import httpx

from backend.observability.catalogue import HTTP_REQUESTS, Process

log = logging.getLogger(__name__)

TIMEOUT = 0.5
QUERY = f'sum(rate({HTTP_REQUESTS.name}{{job="{Process.API}"}}[30s]))'


class ReplicaLoad:
    """Asks the Prometheus at `url`."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=TIMEOUT, trust_env=False)

    def requests_per_second(self) -> float | None:
        """Return what all api replicas answer together; null when Prometheus cannot say."""
        try:
            answer = self._client.get("/api/v1/query", params={"query": QUERY}).raise_for_status()
            result = answer.json()["data"]["result"]
            return float(result[0]["value"][1]) if result else None
        except (httpx.HTTPError, ValueError, LookupError, TypeError) as error:
            log.warning("Prometheus does not say how much the replicas carry: %s", error)
            return None

    def close(self) -> None:
        self._client.close()
