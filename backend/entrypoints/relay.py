"""The relay process: from the outbox to RabbitMQ."""

import asyncio

from backend.broker.session import keep_connected
from backend.entrypoints.runtime import Runtime, run, settle_garbage
from backend.observability.catalogue import BROKER_CONNECTED, Process
from backend.relay.housekeeping import Housekeeping
from backend.relay.metrics import RelayMetrics
from backend.relay.session import RelaySession
from backend.storage.engine import create_engine, observe_pool


async def serve(runtime: Runtime) -> None:
    """Relay until told to stop; neither PostgreSQL nor RabbitMQ need be there."""
    engine = create_engine(runtime.settings)
    observe_pool(engine, runtime.instruments)
    connected = runtime.instruments.gauge(BROKER_CONNECTED)
    metrics = RelayMetrics(runtime.instruments)
    session = RelaySession(engine, metrics, runtime.stopping, spans=runtime.spans)
    runtime.readiness.ready()
    settle_garbage()
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(Housekeeping(engine, metrics, runtime.stopping).run())
            tasks.create_task(
                keep_connected(runtime.settings, session.serve, runtime.stopping, connected.set)
            )
    finally:
        await engine.dispose()


if __name__ == "__main__":
    run(Process.RELAY, serve)
