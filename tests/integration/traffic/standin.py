"""A stand-in for gateway and product: a real HTTP server that can be slow, rude or down."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import uuid4

from aiohttp import web


def user_document(user_id: str, email: str, name: str) -> dict[str, str]:
    now = datetime.now(UTC).isoformat()
    return {"id": user_id, "email": email, "name": name, "created_at": now, "updated_at": now}


@dataclass
class StandIn:
    """Counts what arrives, on the loop's clock; the knobs say how it answers."""

    url: str = ""
    delay: float = 0.0
    drop: int = 0
    attempts: int = 1
    event_status: int = 202
    user_status: int = 201
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    arrivals: list[float] = field(default_factory=list)
    events: list[dict[str, object]] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    emails: dict[str, str] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    async def post_event(self, request: web.Request) -> web.Response:
        self.arrivals.append(asyncio.get_running_loop().time())
        self.arrived.set()
        self.tokens.add(request.headers["authorization"])
        document = await request.json()
        if self.drop > 0:
            self.drop -= 1
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        await asyncio.sleep(self.delay)
        self.events.append(document)
        if self.event_status != 202:
            return self.problem(self.event_status, "The database is away.")
        return web.json_response(
            {"sequence": 1}, status=202, headers={"x-envoy-attempt-count": str(self.attempts)}
        )

    async def post_user(self, request: web.Request) -> web.Response:
        document = await request.json()
        self.keys.append(request.headers["idempotency-key"])
        if self.user_status != 201:
            return self.problem(self.user_status, "The database is away.")
        if document["email"] in self.emails:
            return self.problem(409, "The address is taken.")
        self.emails[document["email"]] = str(uuid4())
        user = user_document(self.emails[document["email"]], document["email"], document["name"])
        return web.json_response(user, status=201)

    async def list_users(self, request: web.Request) -> web.Response:
        email = request.query.get("email", "")
        found = [user_document(self.emails[email], email, "x")] if email in self.emails else []
        return web.json_response({"items": found, "next_cursor": None})

    async def read(self, request: web.Request) -> web.Response:
        self.reads.append(request.path)
        if self.drop > 0:
            self.drop -= 1
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({})

    def problem(self, status: int, detail: str) -> web.Response:
        return web.json_response(
            {"title": HTTPStatus(status).phrase, "status": status, "detail": detail},
            status=status,
            content_type="application/problem+json",
        )

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/v1/events", self.post_event)
        app.router.add_post("/v1/users", self.post_user)
        app.router.add_get("/v1/users", self.list_users)
        app.router.add_get("/v1/users/{id}", self.read)
        app.router.add_get("/v1/users/{id}/events", self.read)
        return app
