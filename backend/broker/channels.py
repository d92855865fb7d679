"""A channel whose calls can be awaited, and fail when the channel closes meanwhile."""

import asyncio
from typing import Any

from pika import exceptions

from backend.broker.errors import LinkLostError


class Channel:
    """Wraps pika's channel; `closed` holds the reason once it is closed."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw
        self.closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        raw.add_on_close_callback(self._on_close)

    @property
    def is_open(self) -> bool:
        return not self.closed.done() and bool(self.raw.is_open)

    def _on_close(self, _channel: object, reason: BaseException) -> None:
        if not self.closed.done():
            self.closed.set_result(repr(reason))

    async def call(self, method: str, **arguments: Any) -> Any:
        """Call pika's `method` and return the broker's answer.

        Raises:
            LinkLostError: the channel is closed, or closed before the answer;
                the message carries the broker's reason.
        """
        answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        try:
            getattr(self.raw, method)(callback=answered.set_result, **arguments)
        except exceptions.AMQPError as error:
            raise LinkLostError(f"{method}: {error!r}") from error
        await asyncio.wait({answered, self.closed}, return_when=asyncio.FIRST_COMPLETED)
        if not answered.done():
            raise LinkLostError(f"{method}: {self.closed.result()}")
        return answered.result()
