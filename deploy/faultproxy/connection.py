"""One proxied connection: the client, the server behind it, and a link each way."""

import asyncio
import logging
import socket
import struct
from collections.abc import Callable, Sequence
from typing import cast

from deploy.faultproxy.chunks import End
from deploy.faultproxy.link import Link
from deploy.faultproxy.toxic import Direction, Toxic

logger = logging.getLogger(__name__)

# Closing then sends an RST, and drops what the peer has not got yet.
NO_LINGER = struct.pack("ii", 1, 0)

# What a cut connection's peer has not taken by then is lost: it may itself be waiting to send
# to the one that is gone, and would read no more before that.
CLOSING_SECONDS = 10.0


class Peer(asyncio.Protocol):
    """One end of a connection, as the sender of one link and the receiver of the other.

    What is written before its transport is there waits for it.
    """

    outgoing: Link
    incoming: Link

    def __init__(self, connection: "Connection") -> None:
        self.full = True
        self.gone = False
        self.transport: asyncio.Transport | None = None
        self._connection = connection
        self._early: list[bytes | End] = []
        self._closing: asyncio.TimerHandle | None = None
        self._aborted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.full = False
        for item in self._early:
            if isinstance(item, End):
                self.end(item)
            else:
                self.write(item)
        self._early.clear()
        self.incoming.balance()
        self.outgoing.balance()
        self._connection.joined(self)

    def data_received(self, data: bytes) -> None:
        self.outgoing.receive(data)

    def eof_received(self) -> bool:
        """The peer has sent everything; True: it may go on to receive."""
        self.outgoing.finish(End.SENT)
        return True

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  all ends are alike
        self.gone = True
        if self._closing is not None:
            self._closing.cancel()
        self.outgoing.finish(End.CUT)
        self._connection.lost()

    def pause_writing(self) -> None:
        self.full = True
        self.incoming.balance()

    def resume_writing(self) -> None:
        self.full = False
        self.incoming.balance()

    def write(self, data: bytes) -> None:
        if self.transport is None:
            self._early.append(data)
        elif not self.transport.is_closing():
            self.transport.write(data)

    def end(self, how: End) -> None:
        """Pass an end on to the peer, after what was written before."""
        if how is End.RESET:
            self._connection.reset()
        elif self.transport is None:
            self._early.append(how)
        elif how is End.CUT:
            self.transport.close()
            self._closing = asyncio.get_running_loop().call_later(CLOSING_SECONDS, self.abort)
        elif self.outgoing.ended is not None:
            self.transport.close()
        elif not self.transport.is_closing():
            self.transport.write_eof()

    def abort(self, *, reset: bool = False) -> None:
        """Close at once; with `reset` by an RST."""
        if self.transport is None or self._aborted:
            return
        self._aborted = True
        if reset and not self.gone:
            plug: socket.socket = self.transport.get_extra_info("socket")
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        self.transport.abort()

    def hold(self) -> None:
        if self.transport is not None and not self.gone:
            self.transport.pause_reading()

    def let_go(self) -> None:
        if self.transport is not None and not self.gone:
            self.transport.resume_reading()


class Connection:
    """A client's connection with the one that is made to the server for it.

    `over` is called once neither peer is there any more.
    """

    def __init__(
        self,
        upstream: tuple[str, int],
        toxics: Sequence[Toxic],
        over: Callable[["Connection"], None],
    ) -> None:
        self._upstream, self._over = upstream, over
        self.client, self._server = Peer(self), Peer(self)
        self._links = {
            Direction.UPSTREAM: Link(self.client, self._server),
            Direction.DOWNSTREAM: Link(self._server, self.client),
        }
        self.client.outgoing = self._server.incoming = self._links[Direction.UPSTREAM]
        self.client.incoming = self._server.outgoing = self._links[Direction.DOWNSTREAM]
        for toxic in toxics:
            self.link(toxic).add(toxic)
        self._dialling: asyncio.Task[None] | None = None
        self._aborted = False

    def link(self, toxic: Toxic) -> Link:
        """Return the link that a toxic acts on."""
        return self._links[toxic.stream]

    def joined(self, peer: Peer) -> None:
        """Called when a peer has a transport: the server is dialled once the client is there."""
        if self._aborted:
            peer.abort()
        elif peer is self.client:
            self._dialling = asyncio.create_task(self._dial())

    def reset(self) -> None:
        """Send both peers an RST."""
        for peer in (self.client, self._server):
            peer.abort(reset=True)

    def abort(self) -> None:
        """Close both ways at once, and a peer that is about to have its transport then."""
        self._aborted = True
        if self._dialling is not None:
            self._dialling.cancel()
        self._server.gone = self._server.gone or self._server.transport is None
        for peer in (self.client, self._server):
            peer.abort()

    def lost(self) -> None:
        """Called when a peer has gone."""
        if self.client.gone and self._server.gone:
            for link in self._links.values():
                link.discard()
            self._over(self)

    async def _dial(self) -> None:
        host, port = self._upstream
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: self._server, host, port)
        except (OSError, UnicodeError) as error:  # the latter: a name that no host can have
            logger.warning("The server of a proxy is away: %s port %d: %s", host, port, error)
            self._server.gone = True
            self.client.abort()
            self.lost()
