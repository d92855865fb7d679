"""A typed client of the control service's API (shapes: `console.schemas`)."""

from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from console.access_schemas import Session
from console.alert_schemas import (
    AcknowledgeRequest,
    ActiveAlerts,
    Runbook,
    Silence,
    SilenceRequest,
)
from console.clients.failures import (
    NotReachedError,
    RefusedError,
    RejectedError,
    SignedOutError,
    SourceAwayError,
    SourceError,
)
from console.game_day_schemas import HeldGameDay
from console.guard_schemas import GuardAnswers
from console.headroom_schemas import Headroom
from console.ledger_schemas import LedgerRow
from console.replica_schemas import AsideRequest, RestartRequest
from console.schedule_schemas import Schedule
from console.schemas import (
    Acknowledgement,
    Action,
    Alert,
    Drill,
    DrillRequest,
    Experiment,
    GrafanaDashboard,
    GuardProfile,
    Halt,
    HaltThrown,
    LogHistogram,
    LogLines,
    ReasonOnly,
    ScalePreview,
    ScaleRequest,
    State,
)
from console.timeline_schemas import Timeline
from deploy.faults.inventory import Inventory

Shape = TypeVar("Shape")

AWAY = "The control service does not answer at {url}."
# Long enough for a scaling to be accepted by a busy node agent, short enough for a page.
TIMEOUT = httpx.Timeout(5.0, connect=1.0)
# A halt takes every fault back first, and a drill's guards ask many: given up on too early,
# either would have been done all the same.
DRILL_TIMEOUT = httpx.Timeout(20.0, connect=1.0)
# A search gives up by itself a little before.
SEARCH_TIMEOUT = httpx.Timeout(27.0, connect=1.0)
# Nothing had been sent by then.
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class ControlClient:
    """Speaks for one signed-in person.

    Every method raises SignedOutError, RefusedError, RejectedError or SourceAwayError, which
    is a NotReachedError where the request was never sent.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT
        )

    def session(self) -> Session:
        return self._get("/v1/session", Session)

    def state(self) -> State:
        return self._get("/v1/state", State)

    def firing(self) -> list[Alert]:
        return self._get("/v1/alerts", list[Alert], status="firing")

    def dashboards(self) -> list[GrafanaDashboard]:
        """Return ours that the configured Grafana has; none without one, or while it is away."""
        return self._get("/v1/dashboards", list[GrafanaDashboard])

    def active(self) -> ActiveAlerts:
        """What is pending or fires, the most urgent first."""
        return self._get("/v1/alerts/active", ActiveAlerts)

    def delivered(self, limit: int) -> list[Alert]:
        """Every firing that was delivered, newest first; ended ones too."""
        return self._get("/v1/alerts", list[Alert], limit=limit)

    def acknowledge(self, fingerprint: str, request: AcknowledgeRequest) -> Acknowledgement:
        return self._post(_answer(fingerprint), request, Acknowledgement)

    def withdraw(self, fingerprint: str, reason: ReasonOnly) -> None:
        self._send("DELETE", _answer(fingerprint), json=reason.model_dump())

    def silences(self) -> list[Silence]:
        return self._get("/v1/silences", list[Silence])

    def silence(self, request: SilenceRequest) -> Silence:
        return self._post("/v1/silences", request, Silence)

    def end_silence(self, silence_id: str, reason: ReasonOnly) -> None:
        self._send("DELETE", f"/v1/silences/{quote(silence_id, safe='')}", json=reason.model_dump())

    def runbook(self, alert: str) -> Runbook:
        return self._get(f"/v1/runbooks/{quote(alert, safe='')}", Runbook)

    def sign_out(self) -> None:
        self._send("POST", "/sign-out")

    def preview(self, role: str, count: int) -> ScalePreview:
        return self._post("/v1/scale/preview", {"role": role, "count": count}, ScalePreview)

    def scale(self, request: ScaleRequest) -> Action:
        return self._post("/v1/scale", request, Action)

    def headroom(self, leaving: str) -> Headroom:
        """Return whether the others would carry the load without one replica, or any (api)."""
        return self._get("/v1/headroom", Headroom, leaving=leaving)

    def restart(self, request: RestartRequest) -> Action:
        return self._post("/v1/restart", request, Action)

    def abort(self, action: str, reason: ReasonOnly) -> Action:
        return self._post(f"/v1/actions/{action}/abort", reason, Action)

    def resume(self, action: str, reason: ReasonOnly) -> Action:
        return self._post(f"/v1/actions/{action}/resume", reason, Action)

    def drain(self, replica: str, request: AsideRequest) -> Action:
        return self._post(f"/v1/replicas/{replica}/drain", request, Action)

    def quarantine(self, replica: str, request: AsideRequest) -> None:
        self._send("POST", f"/v1/replicas/{replica}/quarantine", json=request.model_dump())

    def release(self, replica: str, reason: ReasonOnly) -> None:
        self._send("POST", f"/v1/replicas/{replica}/release", json=reason.model_dump())

    def actions(self, limit: int) -> list[Action]:
        return self._get("/v1/actions", list[Action], limit=limit)

    def experiments(self) -> list[Experiment]:
        return self._get("/v1/experiments", list[Experiment])

    def drills(self, limit: int) -> list[Drill]:
        """Newest first, without their journals."""
        return self._get("/v1/drills", list[Drill], limit=limit)

    def drill(self, run: str) -> Drill:
        return self._get(f"/v1/drills/{run}", Drill)

    def guards(self, experiment: str, profile: GuardProfile) -> GuardAnswers:
        """Ask what each guard of the profile says of an experiment now; nothing is started."""
        return self._search(
            "/v1/drills/guards", GuardAnswers, experiment=experiment, profile=profile
        )

    def start_drill(self, request: DrillRequest) -> Drill:
        return self._post("/v1/drills", request, Drill, DRILL_TIMEOUT)

    def faults(self) -> Inventory:
        """Return every lease that a fault is held under now, whoever made it."""
        return self._get("/v1/faults", Inventory)

    def schedules(self) -> list[Schedule]:
        """Return what starts drills by itself, with its next turn."""
        return self._get("/v1/schedules", list[Schedule])

    def ledger(self) -> list[LedgerRow]:
        """Return how each alert rule stands: proven by a drill, or why not."""
        return self._search("/v1/ledger", list[LedgerRow])

    def game_days(self) -> list[HeldGameDay]:
        """Return the game days that were begun, the newest first."""
        return self._search("/v1/game-days", list[HeldGameDay])

    def timeline(self, hours: float) -> Timeline:
        """Return what was done and happened in the last `hours`, newest first."""
        return self._search("/v1/timeline", Timeline, hours=hours)

    def halt(self, reason: ReasonOnly) -> HaltThrown:
        return self._post("/v1/halt", reason, HaltThrown, DRILL_TIMEOUT)

    def rearm(self, reason: ReasonOnly) -> Halt:
        return self._post("/v1/rearm", reason, Halt)

    def logs(self, limit: int, **how: str) -> LogLines:
        """Newest first; `how` holds query, since, level, component, request_id."""
        return self._search("/v1/logs", LogLines, limit=limit, **how)

    def log_histogram(self, **how: str) -> LogHistogram:
        return self._search("/v1/logs/histogram", LogHistogram, **how)

    def way(self, request: str) -> LogLines:
        """Return one request's lines, oldest first."""
        return self._search(f"/v1/logs/requests/{quote(request, safe='')}", LogLines)

    def _search(self, path: str, shape: type[Shape], **params: str | float) -> Shape:
        return self._read(self._send("GET", path, params=params, timeout=SEARCH_TIMEOUT), shape)

    def _get(self, path: str, shape: type[Shape], **params: str | int) -> Shape:
        return self._read(self._send("GET", path, params=params), shape)

    def _post(
        self,
        path: str,
        body: BaseModel | dict[str, Any],
        shape: type[Shape],
        timeout: httpx.Timeout | None = None,
    ) -> Shape:
        content = body.model_dump(mode="json") if isinstance(body, BaseModel) else body
        how = {"timeout": timeout} if timeout else {}
        return self._read(self._send("POST", path, json=content, **how), shape)

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **options)
        except UNSENT as error:
            raise NotReachedError(AWAY.format(url=self._url)) from error
        except httpx.HTTPError as error:
            raise SourceAwayError(AWAY.format(url=self._url)) from error
        if answer.is_error:
            raise _failure(answer)
        return answer

    def _read(self, answer: httpx.Response, shape: type[Shape]) -> Shape:
        try:
            return TypeAdapter(shape).validate_json(answer.content)
        except ValidationError as error:
            raise SourceAwayError(
                f"What answers at {self._url} does not speak as the control service of this "
                "release does. Restart the stack after an update."
            ) from error


def _answer(fingerprint: str) -> str:
    return f"/v1/alerts/{quote(fingerprint, safe='')}/acknowledgement"


def _failure(answer: httpx.Response) -> SourceError:
    problem = _problem(answer)
    words = str(
        problem.get("detail") or problem.get("title") or f"It answered {answer.status_code}."
    )
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        return SignedOutError(words)
    if problem.get("refused") is True:
        return RefusedError(words)
    if answer.is_server_error:
        return SourceAwayError(f"The control service could not answer: {words}")
    return RejectedError(words)


def _problem(answer: httpx.Response) -> dict[str, Any]:
    """Return the RFC 9457 problem document; empty when the answer is something else."""
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
