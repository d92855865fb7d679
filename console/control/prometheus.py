"""Asks Prometheus for the figures of one moment; a page waits for it, so it is bounded.

Protocol: Prometheus' `/api/v1/query`, an instant vector.
"""

import httpx
from pydantic import BaseModel, ValidationError

from console.control.errors import UnavailableError


class Sample(BaseModel):
    """One series' labels, and its moment and value."""

    metric: dict[str, str]
    value: tuple[float, float]


class _Data(BaseModel):
    result: list[Sample]


class _Answer(BaseModel):
    data: _Data


class Prometheus:
    """The Prometheus at `url`, which gets `timeout` seconds to answer."""

    def __init__(self, url: str, timeout: float) -> None:
        self._url = url
        self._client = httpx.Client(base_url=url, timeout=timeout, trust_env=False)

    def ask(self, promql: str, lost: str) -> list[Sample]:
        """Return the samples of `promql`.

        Raises:
            UnavailableError: it does not answer; the message ends with what is `lost` by that.
        """
        try:
            answer = self._client.get("/api/v1/query", params={"query": promql})
            return _Answer.model_validate_json(answer.raise_for_status().content).data.result
        except (httpx.HTTPError, ValidationError) as error:
            raise UnavailableError(
                f"Prometheus does not answer at {self._url}: {lost} is not known."
            ) from error

    def close(self) -> None:
        self._client.close()
