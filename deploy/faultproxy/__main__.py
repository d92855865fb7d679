"""`python -m deploy.faultproxy`: serves the proxies and their API on 127.0.0.1."""

import argparse
import logging
import os
import resource
import sys
from importlib.metadata import version
from pathlib import Path

import uvicorn
import uvloop

from backend.observability.logs import configure_logging
from deploy.faultproxy.addresses import LOOPBACK
from deploy.faultproxy.api import Api
from deploy.faultproxy.collection import Collection
from deploy.faultproxy.errors import ApiError
from deploy.faultproxy.requests import ProxyBody, parsed

logger = logging.getLogger("deploy.faultproxy")

DEFAULT_PORT = 8474  # the original's


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.faultproxy", description=__doc__)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="the API's port")
    parser.add_argument("--config", type=Path, help="proxies to begin with: JSON as of /populate")
    return parser.parse_args()


def _allow_many_connections() -> None:
    """Each connection takes two file descriptors; the usual soft limit is 1,024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def serve(port: int, begin_with: bytes) -> None:
    """Serve until SIGTERM; the API answers once the proxies of `begin_with` listen.

    Raises:
        ApiError: those proxies cannot be made; says why.
    """
    proxies = Collection()
    await proxies.populate(parsed(list[ProxyBody], begin_with))
    config = uvicorn.Config(
        Api(proxies).app(),
        host=LOOPBACK,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    try:
        await uvicorn.Server(config).serve()
    finally:
        proxies.close()


def main() -> None:
    """Exit code 1 when the proxies to begin with, or the API's port, cannot be had."""
    arguments = _arguments()
    log_file = os.environ.get("PHAROS_LOG_FILE")
    configure_logging(
        service="faultproxy",
        node="faultproxy",
        version=version("pharos"),
        log_file=Path(log_file) if log_file else None,
    )
    _allow_many_connections()
    try:
        begin_with = arguments.config.read_bytes() if arguments.config else b"[]"
        uvloop.run(serve(arguments.port, begin_with))
    except (ApiError, OSError) as error:
        logger.critical("The fault proxy could not start: %s", error)
        sys.exit(1)


if __name__ == "__main__":
    main()
