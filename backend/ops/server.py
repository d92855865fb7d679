"""The ops port: liveness, readiness, metrics and faults, from a thread with a loop of its own.

A handler that blocks the traffic's event loop can neither blind its own
metrics nor silence its own probes, and what was injected can be taken back.
"""

import asyncio
import os
import socket
import threading

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from backend.observability.catalogue import Process
from backend.observability.metrics import Instruments
from backend.ops.faults.endpoints import FaultPort
from backend.ops.faults.registry import FaultRegistry
from backend.ops.problems import problem
from backend.ops.readiness import Phase, Readiness
from backend.settings import Settings

STOP_SECONDS = 2.0


def create_ops_app(
    process: Process,
    settings: Settings,
    readiness: Readiness,
    instruments: Instruments,
    faults: FaultRegistry,
) -> Starlette:
    """Return the app of the ops port; it holds no state of its own."""
    identity = {
        "id": settings.replica_id,
        "role": process.value,
        "pid": os.getpid(),
        "version": settings.release,
    }

    async def livez(request: Request) -> Response:  # noqa: ARG001
        return PlainTextResponse("ok\n")

    async def readyz(request: Request) -> Response:  # noqa: ARG001
        phase = readiness.phase
        status = 200 if phase is Phase.READY else 503
        return JSONResponse({"status": phase.value, **identity}, status)

    async def metrics(request: Request) -> Response:
        body, content_type = instruments.exposition(request.headers.get("accept", ""))
        return Response(body, headers={"content-type": content_type})

    own = [Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics)]
    port = FaultPort(faults, settings.fault_token.get_secret_value())
    return Starlette(
        routes=[*own, *port.routes()],
        exception_handlers={HTTPException: _refused},
    )


async def _refused(request: Request, error: Exception) -> Response:  # noqa: ARG001
    if not isinstance(error, HTTPException):
        raise error
    detail = "This port answers GET /livez, /readyz and /metrics, and the verbs of /v1/faults."
    return problem(error.status_code, detail, headers=error.headers)


class OpsServer:
    """Serves an ops app until `stop`; binding happens at once, in the caller's thread."""

    def __init__(self, app: Starlette, host: str, port: int) -> None:
        """Bind the port.

        Raises:
            OSError: the port is taken, or the address is not this machine's.
        """
        self._socket = socket.create_server((host, port))
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", loop="asyncio", ws="none"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, name="ops", daemon=True)

    @property
    def port(self) -> int:
        """Return the port that is served: the asked one, or the chosen one for 0."""
        port: int = self._socket.getsockname()[1]
        return port

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread; waits for it, though not for a client that hangs on."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def _serve(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))
