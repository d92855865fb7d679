"""One connection to RabbitMQ on the running event loop, with awaitable edges.

pika's AsyncioConnection reports by callbacks; here they become futures, so that
the rooms above read from top to bottom. Nothing blocks the loop, so heartbeats
are answered however long a handler takes.
"""

import asyncio
import logging
from typing import Any, Self

import pika
from pika.adapters.asyncio_connection import AsyncioConnection
from pika.adapters.utils.connection_workflow import AMQPConnectionWorkflowFailed

from backend.broker.channels import Channel
from backend.broker.errors import BrokerUnavailableError, LinkLostError
from backend.settings import Settings

HEARTBEAT_SECONDS = 15
BLOCKED_SECONDS = 30
CONNECT_SECONDS = 5
CLOSE_SECONDS = 5

# pika logs a refused connection six times over; whoever keeps the link says it once.
logging.getLogger("pika").setLevel(logging.CRITICAL)


def connection_parameters(settings: Settings) -> pika.ConnectionParameters:
    """Return pika's parameters; the name shows in the broker's list of connections."""
    password = settings.rabbitmq_password.get_secret_value()
    return pika.ConnectionParameters(
        host=settings.rabbitmq_host,
        port=settings.rabbitmq_port,
        virtual_host=settings.rabbitmq_vhost,
        credentials=pika.PlainCredentials(settings.rabbitmq_user, password),
        heartbeat=HEARTBEAT_SECONDS,
        blocked_connection_timeout=BLOCKED_SECONDS,
        socket_timeout=CONNECT_SECONDS,
        stack_timeout=CONNECT_SECONDS,
        client_properties={"connection_name": f"pharos {settings.replica_id}"},
    )


class Link:
    """An open connection; `lost` holds the reason once it is closed."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._opened: asyncio.Future[None] = loop.create_future()
        self.lost: asyncio.Future[str] = loop.create_future()
        self._connection: Any = None

    @classmethod
    async def open(cls, settings: Settings) -> Self:
        """Connect.

        Raises:
            BrokerUnavailableError: the message names the address and the reason.
        """
        link = cls()
        link._connection = AsyncioConnection(
            connection_parameters(settings),
            on_open_callback=link._on_open,
            on_open_error_callback=link._on_open_error,
            on_close_callback=link._on_close,
        )
        try:
            await link._opened
        except BrokerUnavailableError as error:
            address = f"{settings.rabbitmq_host}:{settings.rabbitmq_port}"
            raise BrokerUnavailableError(f"RabbitMQ at {address}: {error}") from error.__cause__
        return link

    def _on_open(self, _connection: object) -> None:
        if not self._opened.done():
            self._opened.set_result(None)

    def _on_open_error(self, _connection: object, error: BaseException) -> None:
        if not self._opened.done():
            failure = BrokerUnavailableError(repr(_root(error)))
            failure.__cause__ = error
            self._opened.set_exception(failure)

    def _on_close(self, _connection: object, reason: BaseException) -> None:
        if not self.lost.done():
            self.lost.set_result(repr(reason))

    @property
    def is_open(self) -> bool:
        return not self.lost.done()

    async def channel(self) -> Channel:
        """Open a channel.

        Raises:
            LinkLostError: the connection has closed.
        """
        if not self.is_open or not self._connection.is_open:
            raise LinkLostError("the connection to RabbitMQ is closed")
        opened: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._connection.channel(on_open_callback=opened.set_result)
        await asyncio.wait({opened, self.lost}, return_when=asyncio.FIRST_COMPLETED)
        if not opened.done():
            raise LinkLostError(self.lost.result())
        return Channel(opened.result())

    async def close(self) -> None:
        """Close politely; returns at once when the connection is already gone."""
        if self._connection.is_open:
            self._connection.close()
        # A broker that no longer answers is left to the heartbeat.
        await asyncio.wait({self.lost}, timeout=CLOSE_SECONDS)


def _root(error: BaseException) -> BaseException:
    """Dig the attempt's own error out of what pika wraps around it."""
    inner = error.args[0] if error.args else None
    if isinstance(inner, AMQPConnectionWorkflowFailed):
        return _root(inner.exceptions[-1])
    wrapped = getattr(error, "exception", None)
    return _root(wrapped) if isinstance(wrapped, BaseException) else error
