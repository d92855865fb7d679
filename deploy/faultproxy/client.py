"""A client of Toxiproxy's HTTP API, ours or another: what undoing a fault for sure needs of it."""

from typing import Any
from urllib.parse import quote

import httpx
from pydantic import BaseModel, TypeAdapter

# An answer takes a millisecond; who waits longer than this for one is told that it is away.
TIMEOUT = 0.45


class ToxiproxyAwayError(ConnectionError):
    """It does not answer."""


class ToxiproxyRefusedError(OSError):
    """It answered that it cannot do what was asked; the message is its own."""


class ToxicState(BaseModel):
    """A toxic as it is asked for and as it is shown."""

    name: str
    type: str
    stream: str
    toxicity: float = 1.0
    attributes: dict[str, int]


class ProxyState(BaseModel):
    """A proxy as it is shown."""

    name: str
    enabled: bool
    toxics: list[ToxicState]


_ALL = TypeAdapter(dict[str, ProxyState])


class ToxiproxyClient:
    """Blocking; safe to share between threads.

    Every call raises ToxiproxyAwayError or ToxiproxyRefusedError, both OSError. `base_url`
    is `http://HOST:PORT` of the API.
    """

    def __init__(self, base_url: str) -> None:
        self._client = httpx.Client(base_url=base_url, timeout=TIMEOUT, trust_env=False)

    def proxies(self) -> list[ProxyState]:
        return list(_ALL.validate_json(self._call("GET", "/proxies").content).values())

    def proxy(self, name: str) -> ProxyState:
        return ProxyState.model_validate_json(self._call("GET", _path(name)).content)

    def enable(self, name: str, *, enabled: bool) -> None:
        """Let a proxy serve, or refuse connections and close those that are open."""
        self._call("PATCH", _path(name), {"enabled": enabled})

    def add(self, proxy: str, toxic: ToxicState) -> None:
        self._call("POST", f"{_path(proxy)}/toxics", toxic.model_dump())

    def remove(self, proxy: str, toxic: str) -> None:
        """Remove a toxic; one that is gone already is as good."""
        self._call("DELETE", f"{_path(proxy)}/toxics/{quote(toxic, safe='')}", gone_is_good=True)

    def _call(
        self, method: str, path: str, body: Any = None, *, gone_is_good: bool = False
    ) -> httpx.Response:
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.TransportError as error:
            where = self._client.base_url
            raise ToxiproxyAwayError(f"the fault proxy at {where} does not answer") from error
        if answer.is_success or (gone_is_good and answer.status_code == 404):
            return answer
        raise ToxiproxyRefusedError(
            f"the fault proxy refused {method} {path}: {answer.status_code} {answer.text[:200]}"
        )


def _path(proxy: str) -> str:
    return f"/proxies/{quote(proxy, safe='')}"
