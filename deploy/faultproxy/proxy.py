"""One proxy: where it listens, the server behind it, its toxics and its connections."""

import asyncio
import logging
from typing import Any

from deploy.faultproxy import addresses
from deploy.faultproxy.connection import Connection, Peer
from deploy.faultproxy.errors import ListenError, ToxicExistsError, ToxicNotFoundError
from deploy.faultproxy.toxic import Direction, Toxic

logger = logging.getLogger(__name__)

# How many clients may be waiting to be accepted.
BACKLOG = 1024


class Proxy:
    """Accepts clients while it is enabled, and gives each a connection to the server.

    `listen` and `upstream` are `host:port`; both were checked.
    """

    def __init__(self, name: str, listen: str, upstream: str) -> None:
        self.name = name
        self.listen = addresses.written(*addresses.to_listen_on(listen))
        self.upstream = upstream
        self._behind = addresses.parse("upstream", upstream)
        self._toxics: list[Toxic] = []
        self._server: asyncio.Server | None = None
        self._connections: set[Connection] = set()

    @property
    def enabled(self) -> bool:
        return self._server is not None

    @property
    def toxics(self) -> list[Toxic]:
        """The toxics in the order of their chains, upstream's first."""
        return sorted(self._toxics, key=lambda toxic: toxic.stream is Direction.DOWNSTREAM)

    async def start(self) -> None:
        """Listen, if it does not yet.

        Raises:
            ListenError: the port is taken, or not to be had.
        """
        if self._server is not None:
            return
        host, port = addresses.parse("listen", self.listen)
        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(self._accept, host, port, backlog=BACKLOG)
        except OSError as error:
            raise ListenError(f"listen tcp {self.listen}: {error.strerror or error}") from error
        self._server = server
        self.listen = addresses.written(*server.sockets[0].getsockname()[:2])
        logger.info("Proxy %s listens on %s for %s", self.name, self.listen, self.upstream)

    def stop(self) -> None:
        """Refuse further clients, and close every connection at once."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        for connection in tuple(self._connections):
            connection.abort()
        logger.info("Proxy %s stopped", self.name)

    def differs(self, other: "Proxy") -> bool:
        return (self.listen, self.upstream) != (other.listen, other.upstream)

    async def become(self, other: "Proxy", *, enabled: bool) -> None:
        """Take over where `other` listens and what is behind it; toxics stay.

        Raises:
            ListenError: as `start`; the proxy is disabled then.
        """
        if self.differs(other):
            self.stop()
            self.listen, self.upstream, self._behind = other.listen, other.upstream, other._behind
        if enabled:
            await self.start()
        else:
            self.stop()

    def toxic(self, name: str) -> Toxic:
        """Return the toxic of this name.

        Raises:
            ToxicNotFoundError: there is none.
        """
        for toxic in self._toxics:
            if toxic.name == name:
                return toxic
        raise ToxicNotFoundError

    def add(self, toxic: Toxic) -> None:
        """Add a toxic at the end of its stream's chain, to open connections too.

        Raises:
            ToxicExistsError: there is one of that name.
        """
        if any(known.name == toxic.name for known in self._toxics):
            raise ToxicExistsError
        self._toxics.append(toxic)
        for connection in tuple(self._connections):
            connection.link(toxic).add(toxic)
        logger.info("Toxic %s added to %s: %s", toxic.name, self.name, toxic.shown())

    def update(self, toxic: Toxic) -> None:
        """Let every connection act by what the toxic has become."""
        for connection in tuple(self._connections):
            connection.link(toxic).update(toxic)
        logger.info("Toxic %s of %s changed: %s", toxic.name, self.name, toxic.shown())

    def remove(self, toxic: Toxic) -> None:
        self._toxics.remove(toxic)
        for connection in tuple(self._connections):
            connection.link(toxic).remove(toxic)
        logger.info("Toxic %s removed from %s", toxic.name, self.name)

    def reset(self) -> None:
        """Remove all toxics."""
        for toxic in tuple(self._toxics):
            self.remove(toxic)

    def shown(self) -> dict[str, Any]:
        """Return it as the API shows it."""
        return {
            "name": self.name,
            "listen": self.listen,
            "upstream": self.upstream,
            "enabled": self.enabled,
            "toxics": [toxic.shown() for toxic in self.toxics],
        }

    def _accept(self) -> Peer:
        connection = Connection(self._behind, self._toxics, self._connections.discard)
        self._connections.add(connection)
        return connection.client
