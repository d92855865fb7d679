"""All proxies of the process, by name."""

import asyncio
from collections.abc import Sequence

from deploy.faultproxy.errors import (
    ListenError,
    MissingFieldError,
    ProxyExistsError,
    ProxyNotFoundError,
)
from deploy.faultproxy.proxy import Proxy
from deploy.faultproxy.requests import ProxyBody


class Collection:
    """Adds, changes and removes proxies, one change at a time."""

    def __init__(self) -> None:
        self._proxies: dict[str, Proxy] = {}
        self._changing = asyncio.Lock()

    def all(self) -> list[Proxy]:
        return list(self._proxies.values())

    def get(self, name: str) -> Proxy:
        """Return the proxy of this name.

        Raises:
            ProxyNotFoundError: there is none.
        """
        try:
            return self._proxies[name]
        except KeyError:
            raise ProxyNotFoundError from None

    async def create(self, body: ProxyBody) -> Proxy:
        """Add a proxy; it listens unless it is to be disabled.

        Raises:
            ApiError: a field is missing or wrong, the name is taken, or the port is.
        """
        made = _proxy(body)
        async with self._changing:
            if made.name in self._proxies:
                raise ProxyExistsError
            if body.starts_enabled:
                await made.start()
            self._proxies[made.name] = made
        return made

    async def update(self, name: str, body: ProxyBody) -> Proxy:
        """Change what the body names of a proxy.

        Raises:
            ApiError: there is none of that name, a field is wrong, or the port is taken.
        """
        async with self._changing:
            proxy = self.get(name)
            wanted = Proxy(name, body.listen or proxy.listen, body.upstream or proxy.upstream)
            enabled = proxy.enabled if body.enabled is None else body.enabled
            await proxy.become(wanted, enabled=enabled)
        return proxy

    async def remove(self, name: str) -> None:
        async with self._changing:
            self.get(name).stop()
            del self._proxies[name]

    async def populate(self, bodies: Sequence[ProxyBody]) -> list[Proxy]:
        """Add these proxies; one that is there already and differs is replaced.

        Raises:
            ApiError: a field is missing or wrong, before anything is changed; or a port is taken.
        """
        wanted = [_proxy(body, f" at proxy {place}") for place, body in enumerate(bodies, 1)]
        async with self._changing:
            return [
                await self._add_or_replace(proxy, enabled=body.starts_enabled)
                for proxy, body in zip(wanted, bodies, strict=True)
            ]

    async def reset(self) -> None:
        """Enable every proxy and remove all toxics.

        Raises:
            ListenError: a disabled one's port is taken by now.
        """
        async with self._changing:
            failed: list[ListenError] = []
            for proxy in self.all():
                proxy.reset()
                try:
                    await proxy.start()
                except ListenError as error:
                    failed.append(error)
            if failed:
                raise failed[0]

    def close(self) -> None:
        for proxy in self.all():
            proxy.stop()

    async def _add_or_replace(self, proxy: Proxy, *, enabled: bool) -> Proxy:
        existing = self._proxies.get(proxy.name)
        if existing is not None:
            if not existing.differs(proxy):
                return existing
            existing.stop()
        if enabled:
            await proxy.start()
        self._proxies[proxy.name] = proxy
        return proxy


def _proxy(body: ProxyBody, where: str = "") -> Proxy:
    for field in ("name", "upstream"):
        if not getattr(body, field):
            raise MissingFieldError(f"{field}{where}")
    return Proxy(body.name or "", body.listen or "", body.upstream or "")
