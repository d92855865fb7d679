"""The connection to Redis: short waits, no retries, and it knows which Redis it speaks to.

A Redis that was restarted, or failed over, may come back with the data of an
earlier moment. Each connection therefore asks for the server's `run_id` when it
is made (a new one every start), and the run is part of every key: what an
earlier run kept is out of reach. A command that was built for one run and sent
to another is refused afterwards, never believed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from backend.domain.errors import CacheUnavailableError
from backend.resilience.breaker import Breaker
from backend.settings import Settings

Answer = TypeVar("Answer")
MAX_CONNECTIONS = 32


class RedisServer:
    """One Redis behind a breaker; every command ends within `settings.cache_timeout`."""

    def __init__(self, settings: Settings, breaker: Breaker) -> None:
        self._timeout = settings.cache_timeout
        self._breaker = breaker
        self._run = ""
        pool = BlockingConnectionPool(
            max_connections=MAX_CONNECTIONS,
            timeout=settings.cache_timeout,
            host=settings.redis_host,
            port=settings.redis_port,
            db=settings.redis_database,
            password=settings.redis_password.get_secret_value() or None,
            socket_timeout=settings.cache_timeout,
            socket_connect_timeout=settings.cache_timeout,
            retry=Retry(NoBackoff(), 0),
            redis_connect_func=self._greet,
        )
        self._client: Redis = Redis.from_pool(pool)

    async def call(self, command: Callable[[Redis, str], Awaitable[Answer]]) -> Answer:
        """Run `command(client, run)`, where `run` belongs into every key that it uses.

        Raises:
            DependencyUnavailableError: no answer in time, an error, or another
                run of Redis answered twice in a row.
        """
        with self._breaker.guard():
            try:
                async with asyncio.timeout(self._timeout):
                    if not self._run:
                        await self._client.ping()
                    for _ in range(2):
                        run = self._run
                        answer = await command(self._client, run)
                        if run == self._run:
                            return answer
            except (RedisError, OSError, TimeoutError) as error:
                raise CacheUnavailableError from error
        raise CacheUnavailableError("Redis restarts again and again.")

    async def ping(self) -> None:
        """Return when Redis answers; raises as `call` does."""

        async def ping(client: Redis, run: str) -> None:  # noqa: ARG001
            await client.ping()

        await self.call(ping)

    async def close(self) -> None:
        await self._client.aclose(close_connection_pool=True)

    async def _greet(self, connection: Any) -> None:
        await connection.on_connect()
        await connection.send_command("INFO", "server")
        answer: bytes = await connection.read_response()
        lines = dict(line.partition(":")[::2] for line in answer.decode().splitlines())
        self._run = lines["run_id"][:12]
