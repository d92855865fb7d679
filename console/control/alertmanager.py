"""Asks Alertmanager: what it holds back and why, and silences.

Protocol: Alertmanager's API v2 (0.16 and later). Every call is bounded; a page
waits for it.
"""

from datetime import datetime
from typing import Any, Literal, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from console.alert_schemas import Matcher, Silence
from console.control.errors import InvalidError, NotFoundError, UnavailableError

Shape = TypeVar("Shape")

TIMEOUT = 1.5
AWAY = "Alertmanager does not answer at {url}: `pharos status` tells, `pharos up` starts it again."


class _Theirs(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")


class HeldStatus(_Theirs):
    silenced_by: list[str] = Field(default_factory=list)
    inhibited_by: list[str] = Field(default_factory=list)


class Held(_Theirs):
    """One alert that Alertmanager has and that has not ended.

    `starts_at` is cut to the millisecond; what it delivers has the time in full.
    """

    fingerprint: str
    starts_at: datetime
    labels: dict[str, str]
    status: HeldStatus


class _Matcher(_Theirs):
    name: str
    value: str
    is_regex: bool
    is_equal: bool = True


class _State(_Theirs):
    state: Literal["pending", "active", "expired"]


class _Silence(_Theirs):
    id: str
    matchers: list[_Matcher]
    created_by: str
    comment: str
    starts_at: datetime
    ends_at: datetime
    status: _State

    def ours(self) -> Silence:
        return Silence(
            id=self.id,
            state=self.status.state,
            matchers=[Matcher(**matcher.model_dump()) for matcher in self.matchers],
            by=self.created_by,
            reason=self.comment,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
        )


class Alertmanager:
    """Each method raises UnavailableError when nothing, or nonsense, answers in time."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = httpx.Client(base_url=f"{url}/api/v2", timeout=TIMEOUT, trust_env=False)

    def held(self) -> list[Held]:
        return self._read(self._send("GET", "/alerts"), list[Held])

    def silences(self) -> list[Silence]:
        """Return those that hold or will hold, the one that ends first before the others."""
        theirs = self._read(self._send("GET", "/silences"), list[_Silence])
        live = [each.ours() for each in theirs if each.status.state != "expired"]
        return sorted(live, key=lambda silence: silence.ends_at)

    def silence(self, silence_id: str) -> Silence:
        """Return one silence; raises NotFoundError."""
        return self._read(self._send("GET", f"/silence/{silence_id}"), _Silence).ours()

    def add(self, silence: Silence) -> str:
        """Take a silence, whose id does not matter, and return the id that it got.

        Raises:
            InvalidError: Alertmanager does not take its matchers; the message is its own.
        """
        matchers = [
            _Matcher(**matcher.model_dump()).model_dump(by_alias=True)
            for matcher in silence.matchers
        ]
        body = {
            "matchers": matchers,
            "startsAt": silence.starts_at.isoformat(),
            "endsAt": silence.ends_at.isoformat(),
            "createdBy": silence.by,
            "comment": silence.reason,
        }
        answer = self._send("POST", "/silences", json=body)
        return self._read(answer, dict[str, str])["silenceID"]

    def expire(self, silence_id: str) -> None:
        self._send("DELETE", f"/silence/{silence_id}")

    def close(self) -> None:
        self._client.close()

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            answer = self._client.request(method, path, **options)
        except httpx.HTTPError as error:
            raise UnavailableError(AWAY.format(url=self._url)) from error
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise NotFoundError(f"Alertmanager knows no silence {path.rpartition('/')[2]}.")
        if answer.is_client_error:
            raise InvalidError("matchers", f"Alertmanager does not take this: {_said(answer)}")
        if answer.is_error:
            raise UnavailableError(f"Alertmanager failed: {_said(answer)}")
        return answer

    def _read(self, answer: httpx.Response, shape: type[Shape]) -> Shape:
        try:
            return TypeAdapter(shape).validate_json(answer.content)
        except ValidationError as error:
            raise UnavailableError(
                f"What answers at {self._url} does not speak as Alertmanager does."
            ) from error


def _said(answer: httpx.Response) -> str:
    try:
        said = answer.json()
    except ValueError:
        said = answer.text
    return str(said.get("message", said) if isinstance(said, dict) else said)[:300]
