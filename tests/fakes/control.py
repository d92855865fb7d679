"""A stand-in for the control service, in memory: `python -m tests.fakes.control PORT`.

It serves the console's part of the API (`console.schemas`), so that pages and
clients can be seen and tested without a stack. The one token is `let-me-in`.
"""

import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from console.access_schemas import Session
from console.alert_schemas import (
    AcknowledgeRequest,
    ActiveAlerts,
    Runbook,
    Silence,
    SilenceRequest,
)
from console.control.errors import NotFoundError
from console.control.runbooks import read_runbook
from console.schemas import (
    Acknowledgement,
    Action,
    Alert,
    Drill,
    DrillRequest,
    Experiment,
    Halt,
    HaltRequest,
    HaltThrown,
    RearmRequest,
    ReasonOnly,
    ScalePreview,
    ScaleRequest,
    State,
)
from deploy.faults.sweep import Swept
from deploy.home import Home
from tests.fakes import believable

TOKEN = "let-me-in"
ANSWER = "/v1/alerts/{fingerprint}/acknowledgement"


class FakeControlService:
    """The state behind the routes; a test changes it and looks at what was asked."""

    def __init__(self) -> None:
        self.state = believable.state()
        self.firing: list[Alert] = []
        self.held: list[Silence] = []
        self.actions: list[Action] = []
        self.drills: dict[str, Drill] = {}
        self.signed_out = False
        self.swept = Swept(reverted=["latency at api-1"], left=[], seconds=0.2)

    def scale(self, request: ScaleRequest) -> Action:
        self.state.desired[request.role] = request.count
        action = believable.action(request.role, request.count, request.reason)
        self.actions.insert(0, action)
        return action

    def start(self, request: DrillRequest) -> Drill:
        now = datetime.now(UTC)
        run = f"{now:%Y%m%dT%H%M%S}-{len(self.drills):04x}"
        self.drills[run] = Drill(
            run=run,
            experiment=request.experiment,
            actor="ada",
            reason=request.reason,
            profile=request.profile,
            state="running",
            started_at=now,
        )
        return self.drills[run]

    def alert(self, fingerprint: str) -> Alert:
        return next(each for each in self.firing if each.fingerprint == fingerprint)

    def drill(self, run: str) -> Drill:
        """Return a drill as far as the clock has brought it: ten seconds in all."""
        drill = self.drills[run]
        past = [
            line for line in believable.journal(drill.started_at) if line.at <= datetime.now(UTC)
        ]
        drill.journal = past
        if past and past[-1].kind == "run.ended":
            drill.state, drill.ended_at = "ended", past[-1].at
            drill.verdict = believable.verdict(run, drill.started_at)
        return drill


class _RefusedError(Exception):
    pass


def _problem(status: int, detail: str, **more: Any) -> JSONResponse:
    return JSONResponse({"title": detail, "detail": detail, "status": status, **more}, status)


def application(service: FakeControlService) -> FastAPI:
    """Return the service's routes over `service`."""
    app = FastAPI()
    app.exception_handler(HTTPException)(_as_problem)
    app.exception_handler(_RefusedError)(lambda _, error: _problem(409, str(error), refused=True))
    _sign_in_routes(app)
    _session_routes(app, service)
    _switch_routes(app, service)
    _scale_routes(app, service)
    _drill_routes(app, service)
    _alert_routes(app, service)
    _silence_routes(app, service)
    return app


async def _as_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _problem(error.status_code, str(error.detail))


def _signed_in(request: Request) -> None:
    if request.headers.get("authorization") != f"Bearer {TOKEN}":
        raise HTTPException(401, "You are not signed in.")


def _sign_in_routes(app: FastAPI) -> None:
    @app.get("/sign-in")
    def form(next: str = "/") -> HTMLResponse:  # noqa: A002
        return HTMLResponse(f'<a href="/sign-in/now?{urlencode({"next": next})}">Sign in</a>')

    @app.get("/sign-in/now")
    def enter(next: str) -> Response:  # noqa: A002
        answer = RedirectResponse(next, 303)
        answer.set_cookie(
            f"pharos_{Home.from_environment().stack_id}", TOKEN, httponly=True, samesite="lax"
        )
        return answer


def _session_routes(app: FastAPI, service: FakeControlService) -> None:
    @app.post("/sign-out", status_code=204, dependencies=[Depends(_signed_in)])
    def leave() -> None:
        service.signed_out = True

    @app.get("/v1/session", dependencies=[Depends(_signed_in)])
    def session() -> Session:
        if service.signed_out:
            raise HTTPException(401, "Your session has ended.")
        return believable.session()

    @app.get("/v1/state", dependencies=[Depends(_signed_in)])
    def state() -> State:
        return service.state


def _alert_routes(app: FastAPI, service: FakeControlService) -> None:
    @app.get("/v1/alerts", dependencies=[Depends(_signed_in)])
    def alerts(status: str | None = None, limit: int = 100) -> list[Alert]:
        fitting = [each for each in service.firing if status in {None, each.status}]
        return [each for each in fitting if each.status != "pending"][:limit]

    @app.get("/v1/alerts/active", dependencies=[Depends(_signed_in)])
    def active() -> ActiveAlerts:
        live = [each for each in service.firing if each.status != "resolved"]
        return ActiveAlerts(alerts=live)

    @app.post(ANSWER, status_code=201, dependencies=[Depends(_signed_in)])
    def acknowledge(fingerprint: str, body: AcknowledgeRequest) -> Acknowledgement:
        alert = service.alert(fingerprint)
        alert.acknowledged = believable.acknowledgement(body.reason)
        return alert.acknowledged

    @app.delete(ANSWER, status_code=204, dependencies=[Depends(_signed_in)])
    def withdraw(fingerprint: str, body: ReasonOnly) -> None:
        service.alert(fingerprint).acknowledged = None

    @app.get("/v1/runbooks/{alert}", dependencies=[Depends(_signed_in)])
    def runbook(alert: str) -> Runbook:
        try:
            return read_runbook(alert)
        except NotFoundError as error:
            raise HTTPException(404, str(error)) from None


def _silence_routes(app: FastAPI, service: FakeControlService) -> None:
    @app.get("/v1/silences", dependencies=[Depends(_signed_in)])
    def silences() -> list[Silence]:
        return service.held

    @app.post("/v1/silences", status_code=201, dependencies=[Depends(_signed_in)])
    def silence(body: SilenceRequest) -> Silence:
        kept = believable.silence().model_copy(
            update={"matchers": body.matchers, "reason": body.reason}
        )
        service.held.append(kept)
        return kept

    @app.delete("/v1/silences/{silence_id}", status_code=204, dependencies=[Depends(_signed_in)])
    def expire(silence_id: str, body: ReasonOnly) -> None:
        service.held = [each for each in service.held if each.id != silence_id]


def _switch_routes(app: FastAPI, service: FakeControlService) -> None:
    @app.post("/v1/halt", dependencies=[Depends(_signed_in)])
    def halt(body: HaltRequest) -> HaltThrown:
        now = datetime.now(UTC)
        service.state.halt = Halt(
            on=True, by="ada", reason=body.reason, since=now, rehearsal=body.rehearsal
        )
        return HaltThrown(**service.state.halt.model_dump(), swept=service.swept)

    @app.post("/v1/rearm", dependencies=[Depends(_signed_in)])
    def rearm(body: RearmRequest) -> Halt:
        service.state.halt = Halt(on=False, by="ada", reason=body.reason)
        return service.state.halt


def _scale_routes(app: FastAPI, service: FakeControlService) -> None:
    @app.post("/v1/scale/preview", dependencies=[Depends(_signed_in)])
    def preview(body: dict[str, Any]) -> ScalePreview:
        role, wanted = str(body["role"]), int(body["count"])
        current = service.state.desired[role]
        return ScalePreview(
            role=role,
            current=current,
            wanted=wanted,
            minimum=1,
            maximum=16,
            starts=[f"{role}-{slot}" for slot in range(current + 1, wanted + 1)],
            stops=[f"{role}-{slot}" for slot in range(wanted + 1, current + 1)],
            allowed=1 <= wanted <= 16 and wanted != current,
            notes=["One replica alone cannot be lost without failed requests."]
            if wanted == 1
            else [],
        )

    @app.post("/v1/scale", status_code=202, dependencies=[Depends(_signed_in)])
    def scale(body: ScaleRequest) -> Action:
        return service.scale(body)

    @app.get("/v1/actions", dependencies=[Depends(_signed_in)])
    def actions(limit: int) -> list[Action]:
        for action in service.actions:
            if datetime.now(UTC) - action.started_at > timedelta(seconds=8):
                action.state, action.ready = "done", action.wanted
                action.progress = f"{action.wanted} of {action.wanted} serve"
                action.ended_at = action.started_at + timedelta(seconds=8)
        return service.actions[:limit]


def _drill_routes(app: FastAPI, service: FakeControlService) -> None:
    @app.get("/v1/experiments", dependencies=[Depends(_signed_in)])
    def experiments() -> list[Experiment]:
        return [believable.experiment()]

    @app.get("/v1/drills", dependencies=[Depends(_signed_in)])
    def drills(limit: int) -> list[Drill]:
        newest = sorted(service.drills, reverse=True)[:limit]
        return [service.drill(run).model_copy(update={"journal": []}) for run in newest]

    @app.post("/v1/drills", status_code=202, dependencies=[Depends(_signed_in)])
    def start(body: DrillRequest) -> Drill:
        if service.state.halt.on:
            raise _RefusedError("The halt switch is on: no drill may start.")
        return service.start(body)

    @app.get("/v1/drills/{run}", dependencies=[Depends(_signed_in)])
    def drill(run: str) -> Drill:
        if run not in service.drills:
            raise HTTPException(404, f"There is no drill {run}.")
        return service.drill(run)


def main(port: int) -> None:
    service = FakeControlService()
    service.firing = [believable.alert(), believable.pending(), believable.ended()]
    service.held = [believable.silence()]
    old = believable.drill()
    service.drills[old.run] = old
    uvicorn.run(application(service), host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]))
