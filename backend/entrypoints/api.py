"""One API replica: `python -m backend.entrypoints.api`."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

from backend.api.app import create_app
from backend.api.joined import JoinedAnswers
from backend.api.observed import Watch
from backend.api.services import Services
from backend.api.tokens import ServiceTokens
from backend.cache.entries import UserEntries
from backend.cache.redis import RedisServer
from backend.cache.trust import Trust
from backend.entrypoints.database import migrated
from backend.entrypoints.product_faults import product_faults
from backend.entrypoints.runtime import Runtime, run, settle_garbage
from backend.observability.catalogue import Process
from backend.resilience.breaker import Breaker, BreakerSignals
from backend.services.accepted import AcceptedEvents
from backend.services.activity import ActivityService
from backend.services.events import EventService
from backend.services.user_cache import UserCache
from backend.services.users import UserService
from backend.storage.cache_eras import CacheEras
from backend.storage.database import Database
from backend.storage.engine import create_engine, observe_pool
from backend.storage.failures import Failures

# Longer than the gateway keeps an idle connection, so that it is never we who close first.
KEEP_ALIVE_SECONDS = 75
BACKLOG = 2048


class _Server(uvicorn.Server):
    """Leaves signals to the runtime, which fails readiness before anything else."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(runtime: Runtime) -> None:
    """Serve the traffic port until the runtime says to stop."""
    settings = runtime.settings
    listener = socket.create_server((settings.host, settings.port), backlog=BACKLOG)
    async with product(runtime) as app, asyncio.TaskGroup() as background:
        server = _Server(_config(app, runtime))
        migrating = background.create_task(migrated(runtime))
        stopping = background.create_task(_stop_when_told(runtime, server))
        await asyncio.wait([migrating], timeout=settings.db_timeout)
        settle_garbage()
        runtime.readiness.ready()
        await server.serve(sockets=[listener])
        for task in (migrating, stopping):
            task.cancel()


async def _stop_when_told(runtime: Runtime, server: uvicorn.Server) -> None:
    await runtime.stopping.wait()
    server.should_exit = True


def _config(app: ASGIApp, runtime: Runtime) -> uvicorn.Config:
    settings = runtime.settings
    return uvicorn.Config(
        app,
        http=JoinedAnswers,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=int(settings.shutdown_seconds),
    )


@contextlib.asynccontextmanager
async def product(runtime: Runtime) -> AsyncIterator[ASGIApp]:
    """Wire the product, keep its cache's term, and take it apart at the end."""
    settings, instruments = runtime.settings, runtime.instruments
    signals = BreakerSignals(instruments)
    postgres = Breaker("postgres", signals, retry_seconds=0.5)
    engine = create_engine(settings)
    observe_pool(engine, instruments)
    failures = Failures(instruments)
    database = Database(engine, postgres, failures)
    # The term has a connection of its own: a pool that is used up must not end it.
    single = create_engine(settings.model_copy(update={"db_pool_size": 1}))
    lookout = Database(single, postgres, failures)
    redis = RedisServer(settings, Breaker("redis", signals, threshold=3, retry_seconds=1.0))
    trust = Trust(CacheEras(lookout), redis)
    cache = UserCache(database, UserEntries(redis, settings.cache_ttl), trust, instruments)
    accepted = AcceptedEvents(instruments)
    services = Services(
        users=UserService(database, cache, accepted),
        events=EventService(database, accepted),
        activity=ActivityService(database),
    )
    keeper = asyncio.create_task(_kept_up(runtime, trust.keep))
    try:
        tokens = ServiceTokens(settings.service_tokens.get_secret_value())
        watch = Watch(
            instruments,
            runtime.errors,
            lambda: runtime.readiness.phase == "draining",
            runtime.spans,
        )
        faults = product_faults(runtime.faults, engine)
        yield create_app(services, tokens, watch, faults, settings.release)
    finally:
        keeper.cancel()
        await asyncio.gather(redis.close(), database.close(), lookout.close())


async def _kept_up(runtime: Runtime, work: Callable[[], Awaitable[None]]) -> None:
    """Run `work`, again after it failed unexpectedly: a replica lives without it, slower."""
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001
            runtime.errors.capture_recurring(
                error, "Background work failed and is started again", route="keep the cache's term"
            )
        await asyncio.sleep(1)


if __name__ == "__main__":
    run(Process.API, serve)
