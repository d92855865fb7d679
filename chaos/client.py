"""A small client of the control service: drills and the halt switch.

Protocol: the control service's `/v1` API; errors are RFC 9457 problem
documents, a guard's refusal is a 409 with `"refused": true`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import httpx
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from chaos.guard_schemas import Freeze, GuardAnswer, GuardAnswers
from chaos.schemas import (
    DeliveredAlert,
    Drill,
    Experiment,
    GuardProfile,
    Halt,
    HaltThrown,
    Schedule,
    State,
    Turn,
)
from deploy.access import Access

TIMEOUT = 5.0
START_TIMEOUT = 20.0  # a drill that is given up on too early is under way all the same
Shape = TypeVar("Shape")
EXPERIMENTS = TypeAdapter(list[Experiment])
DRILLS = TypeAdapter(list[Drill])
ALERTS = TypeAdapter(list[DeliveredAlert])
GUARDS = TypeAdapter(list[GuardAnswer])
FREEZES = TypeAdapter(list[Freeze])
SCHEDULES = TypeAdapter(list[Schedule])
TURNS = TypeAdapter(list[Turn])


class ControlError(Exception):
    """The control service said no; the message is its reason."""


class ControlAwayError(ControlError):
    """Nobody answers there, or not as the control service does."""


class ControlRefusedError(ControlError):
    """It was refused, and nothing was done; `guards` are those that refuse a drill."""

    def __init__(self, words: str, guards: Sequence[GuardAnswer] = ()) -> None:
        super().__init__(words)
        self.guards = tuple(guards)


class UnknownNameError(ControlError):
    """There is no such experiment or run, or a value cannot be used."""


class ControlClient:
    """Every method raises ControlError or a subclass of it."""

    def __init__(self, access: Access) -> None:
        self._url = access.url
        self._http = httpx.Client(
            base_url=access.url,
            headers={"Authorization": f"Bearer {access.token}"},
            trust_env=False,
        )

    def experiments(self) -> list[Experiment]:
        return _parsed(EXPERIMENTS, self._call("GET", "/v1/experiments"))

    def state(self) -> State:
        return _parsed(TypeAdapter(State), self._call("GET", "/v1/state"))

    def start(self, experiment: str, reason: str, profile: GuardProfile = "standard") -> Drill:
        """Ask for a drill; the profile game-day takes the right admin."""
        body = {"experiment": experiment, "reason": reason, "profile": profile}
        answer = self._call("POST", "/v1/drills", body, timeout=START_TIMEOUT)
        return _parsed(TypeAdapter(Drill), answer)

    def open_game_day(self, name: str, experiments: list[str], reason: str) -> None:
        """Have its beginning written to the audit log; takes the right admin."""
        body = {"name": name, "experiments": experiments, "reason": reason}
        self._call("POST", "/v1/game-days", body)

    def close_game_day(self, name: str, outcome: str, words: str) -> None:
        body = {"outcome": outcome, "words": words}
        self._call("POST", f"/v1/game-days/{name}/end", body)

    def guards(self, experiment: str, profile: GuardProfile) -> GuardAnswers:
        """Return what each guard says of a drill now; nothing is started."""
        path = f"/v1/drills/guards?{urlencode({'experiment': experiment, 'profile': profile})}"
        return _parsed(TypeAdapter(GuardAnswers), self._call("GET", path, timeout=START_TIMEOUT))

    def freezes(self) -> list[Freeze]:
        return _parsed(FREEZES, self._call("GET", "/v1/freezes"))

    def freeze(self, window: dict[str, Any]) -> Freeze:
        """Add a freeze window; the service says what is wrong with one."""
        return _parsed(TypeAdapter(Freeze), self._call("POST", "/v1/freezes", window))

    def unfreeze(self, name: str, reason: str) -> None:
        self._call("DELETE", f"/v1/freezes/{quote(name, safe='')}", {"reason": reason})

    def schedules(self) -> list[Schedule]:
        return _parsed(SCHEDULES, self._call("GET", "/v1/schedules"))

    def turns(self, limit: int) -> list[Turn]:
        """Return the next turns of all schedules."""
        return _parsed(TURNS, self._call("GET", f"/v1/schedules/turns?limit={limit}"))

    def preview_schedule(self, terms: Mapping[str, Any], limit: int) -> list[Turn]:
        """Return the turns that a schedule of these terms would have, and keep nothing."""
        path = f"/v1/schedules/preview?limit={limit}"
        return _parsed(TURNS, self._call("POST", path, terms, timeout=START_TIMEOUT))

    def add_schedule(self, terms: Mapping[str, Any]) -> Schedule:
        answer = self._call("POST", "/v1/schedules", terms, timeout=START_TIMEOUT)
        return _parsed(TypeAdapter(Schedule), answer)

    def remove_schedule(self, name: str, reason: str) -> None:
        self._call("DELETE", f"/v1/schedules/{name}", {"reason": reason})

    def drills(self, limit: int) -> list[Drill]:
        """Return the newest runs, without their journals."""
        return _parsed(DRILLS, self._call("GET", f"/v1/drills?limit={limit}"))

    def drill(self, run: str) -> Drill:
        """Return a run with its journal so far."""
        return _parsed(TypeAdapter(Drill), self._call("GET", f"/v1/drills/{run}"))

    def alerts(self, limit: int) -> list[DeliveredAlert]:
        """Return the alerts that began last, as they were last delivered."""
        return _parsed(ALERTS, self._call("GET", f"/v1/alerts?limit={limit}"))

    def scale(self, role: str, count: int, reason: str) -> None:
        """Ask for so many replicas; returns once that is accepted."""
        self._call("POST", "/v1/scale", {"role": role, "count": count, "reason": reason})

    def halt(self, reason: str, timeout: float) -> HaltThrown:
        """Throw the switch; the answer comes when the faults are taken back and drills ended."""
        answer = self._call("POST", "/v1/halt", {"reason": reason}, timeout=timeout)
        return _parsed(TypeAdapter(HaltThrown), answer)

    def rehearse_halt(self, reason: str) -> HaltThrown:
        """Halt for practice: it gives way to any other halt, also to one that comes meanwhile."""
        body = {"reason": reason, "rehearsal": True}
        return _parsed(TypeAdapter(HaltThrown), self._call("POST", "/v1/halt", body))

    def rearm(self, reason: str, since: datetime | None = None) -> Halt:
        """Let drills start again; with `since`, only if no other halt was thrown after that one."""
        body = {"reason": reason} | ({"since": since.isoformat()} if since else {})
        return _parsed(TypeAdapter(Halt), self._call("POST", "/v1/rearm", body))

    def close(self) -> None:
        self._http.close()

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        timeout: float = TIMEOUT,
    ) -> bytes:
        try:
            answer = self._http.request(method, path, json=body, timeout=timeout)
        except httpx.TransportError as error:
            raise ControlAwayError(
                f"the control service at {self._url} does not answer ({error})"
            ) from error
        if answer.is_error:
            raise _refusal(answer)
        return answer.content


def _parsed(shape: TypeAdapter[Shape], content: bytes) -> Shape:
    try:
        return shape.validate_json(content)
    except ValidationError as error:
        raise ControlAwayError(f"what answers is not the control service: {error}") from error


def _refusal(answer: httpx.Response) -> ControlError:
    problem = _problem(answer)
    words = str(problem.get("detail") or f"the control service answered {answer.status_code}")
    if problem.get("refused") is True:
        guards = _parsed(GUARDS, to_json(problem.get("guards", [])))
        return ControlRefusedError(words, guards)
    if answer.status_code in (httpx.codes.NOT_FOUND, httpx.codes.UNPROCESSABLE_ENTITY):
        return UnknownNameError(words)
    return ControlAwayError(words) if answer.is_server_error else ControlError(words)


def _problem(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
