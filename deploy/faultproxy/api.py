"""Toxiproxy's HTTP API: its paths, bodies, status codes and errors.

Source: https://github.com/Shopify/toxiproxy, `api.go` of version 2.12.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from deploy.faultproxy.collection import Collection
from deploy.faultproxy.errors import ApiError
from deploy.faultproxy.proxy import Proxy
from deploy.faultproxy.requests import ProxyBody, ToxicBody, parsed
from deploy.faultproxy.toxic import Toxic

# The version whose API this is; what follows the plus says whose program it is.
VERSION = "2.12.0+pharos"
CHANGE = ("POST", "PATCH")


class _Json(Response):
    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return orjson.dumps(content)


async def _refused(_: Request, error: ApiError) -> Response:
    return _Json(error.shown(), error.status)


def _no_browsers(handler: Callable[[Request], Awaitable[Response]]) -> Any:
    """A page that somebody looks at must not reach the proxy, as in the original."""

    async def guarded(request: Request) -> Response:
        if request.headers.get("user-agent", "").startswith("Mozilla/"):
            return PlainTextResponse("User agent not allowed", 403)
        return await handler(request)

    return guarded


class Api:
    """The routes over one collection of proxies."""

    def __init__(self, proxies: Collection) -> None:
        self._proxies = proxies

    def app(self) -> Starlette:
        """Return the app; it changes nothing by itself."""
        one, toxics = "/proxies/{proxy}", "/proxies/{proxy}/toxics"
        routes = [
            ("/version", ("GET",), self.version),
            ("/reset", ("POST",), self.reset),
            ("/populate", ("POST",), self.populate),
            ("/proxies", ("GET",), self.proxies),
            ("/proxies", ("POST",), self.create_proxy),
            (one, ("GET",), self.proxy),
            (one, CHANGE, self.change_proxy),
            (one, ("DELETE",), self.delete_proxy),
            (toxics, ("GET",), self.toxics),
            (toxics, ("POST",), self.create_toxic),
            (f"{toxics}/{{toxic}}", ("GET",), self.toxic),
            (f"{toxics}/{{toxic}}", CHANGE, self.change_toxic),
            (f"{toxics}/{{toxic}}", ("DELETE",), self.delete_toxic),
        ]
        handlers: dict[Any, Any] = {ApiError: _refused}
        return Starlette(
            routes=[
                Route(path, _no_browsers(handler), methods=list(methods))
                for path, methods, handler in routes
            ],
            exception_handlers=handlers,
        )

    async def version(self, _: Request) -> Response:
        return _Json({"version": VERSION})

    async def reset(self, _: Request) -> Response:
        await self._proxies.reset()
        return Response(status_code=204)

    async def populate(self, request: Request) -> Response:
        made = await self._proxies.populate(parsed(list[ProxyBody], await request.body()))
        return _Json({"proxies": [proxy.shown() for proxy in made]}, 201)

    async def proxies(self, _: Request) -> Response:
        return _Json({proxy.name: proxy.shown() for proxy in self._proxies.all()})

    async def create_proxy(self, request: Request) -> Response:
        proxy = await self._proxies.create(parsed(ProxyBody, await request.body()))
        return _Json(proxy.shown(), 201)

    async def proxy(self, request: Request) -> Response:
        return _Json(self._proxy(request).shown())

    async def change_proxy(self, request: Request) -> Response:
        name = self._proxy(request).name
        proxy = await self._proxies.update(name, parsed(ProxyBody, await request.body()))
        return _Json(proxy.shown())

    async def delete_proxy(self, request: Request) -> Response:
        await self._proxies.remove(request.path_params["proxy"])
        return Response(status_code=204)

    async def toxics(self, request: Request) -> Response:
        return _Json([toxic.shown() for toxic in self._proxy(request).toxics])

    async def create_toxic(self, request: Request) -> Response:
        body = await request.body()
        proxy = self._proxy(request)
        toxic = parsed(ToxicBody, body).toxic()
        proxy.add(toxic)
        return _Json(toxic.shown())

    async def toxic(self, request: Request) -> Response:
        return _Json(self._toxic(request).shown())

    async def change_toxic(self, request: Request) -> Response:
        body = await request.body()
        toxic = self._toxic(request)
        parsed(ToxicBody, body).change(toxic)
        self._proxy(request).update(toxic)
        return _Json(toxic.shown())

    async def delete_toxic(self, request: Request) -> Response:
        self._proxy(request).remove(self._toxic(request))
        return Response(status_code=204)

    def _proxy(self, request: Request) -> Proxy:
        return self._proxies.get(request.path_params["proxy"])

    def _toxic(self, request: Request) -> Toxic:
        return self._proxy(request).toxic(request.path_params["toxic"])
