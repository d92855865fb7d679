"""The worker process: from RabbitMQ to the activity read model."""

from backend.broker.session import keep_connected
from backend.consumers.metrics import ConsumerMetrics
from backend.consumers.outage import OutageGate
from backend.consumers.session import ActivitySession
from backend.entrypoints.runtime import Runtime, run, settle_garbage
from backend.observability.catalogue import BROKER_CONNECTED, Process
from backend.services.activity_effect import CONSUMER, ActivityEffect
from backend.storage.engine import create_engine, observe_pool
from backend.storage.failures import Failures


async def serve(runtime: Runtime) -> None:
    """Consume until told to stop; neither PostgreSQL nor RabbitMQ need be there."""
    settings = runtime.settings
    engine = create_engine(settings)
    observe_pool(engine, runtime.instruments)
    connected = runtime.instruments.gauge(BROKER_CONNECTED)
    effect = ActivityEffect(engine, Failures(runtime.instruments))
    session = ActivitySession(
        effect=effect,
        gate=OutageGate(effect.ping, runtime.stopping),
        stopping=runtime.stopping,
        metrics=ConsumerMetrics(runtime.instruments, CONSUMER),
        errors=runtime.errors,
        spans=runtime.spans,
        concurrency=settings.db_pool_size,
        finish_seconds=settings.shutdown_seconds / 2,
    )
    runtime.readiness.ready()
    settle_garbage()
    try:
        await keep_connected(settings, session.serve, runtime.stopping, connected.set)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    run(Process.WORKER, serve)
