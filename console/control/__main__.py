"""`python -m console.control`: the control service on the stack's own port."""

import logging
import socket
import sys
from typing import NoReturn

import uvicorn

from backend.observability.logs import configure_logging
from console.control.app import create_app
from console.control.settings import Settings, read_settings
from console.control.storage.migrations import NewerFileError
from console.control.wiring import VERSION, Control, Surroundings
from deploy.local.driver import LocalDriver
from deploy.local.faultplaces import stack_inventory, sweep_stack

HOST = "127.0.0.1"
NOT_READY = 3
# A drill's child must never be taken along: this ends well before the supervisor's patience does.
SHUTDOWN_SECONDS = 3

log = logging.getLogger("console.control")


def main() -> None:
    try:
        settings = read_settings()
    except FileNotFoundError as error:
        _give_up(f"the key {error.filename} is missing: run `pharos up`, which makes it")
    except ValueError as error:
        _give_up(str(error))
    configure_logging(
        service="control", log_file=settings.log_file, node="control", version=VERSION
    )
    # The port comes first: whoever holds it is the one service that follows what is under way.
    listener = _listen(settings)
    driver = LocalDriver(settings.home)
    try:
        around = Surroundings(
            driver=driver,
            sweep=lambda: sweep_stack(settings.home),
            faults=lambda: stack_inventory(settings.home),
        )
        control = Control(settings, around)
    except NewerFileError as error:
        _give_up(str(error))
    log.info("control service %s starts on port %d", VERSION, settings.home.ports["control"])
    uvicorn.Server(_config(control)).run(sockets=[listener])
    driver.close()


def _config(control: Control) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(control),
        log_config=None,
        access_log=False,
        server_header=False,
        # The address that sign-in attempts are counted by must be the peer's own.
        proxy_headers=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )


def _listen(settings: Settings) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    port = settings.home.ports["control"]
    try:
        listener.bind((HOST, port))
        # Until one listens, others may bind the port as well; the server does so only once it
        # has started, and with it what follows.
        listener.listen()
    except OSError as error:
        _give_up(f"port {port} cannot be had ({error.strerror}): end what holds it")
    return listener


def _give_up(words: str) -> NoReturn:
    sys.stderr.write(f"control: {words}\n")
    sys.exit(NOT_READY)


if __name__ == "__main__":
    main()
