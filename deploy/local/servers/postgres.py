"""PostgreSQL: the product's database, on the loopback address, never run as root."""

import re
import signal
import struct
from functools import partial
from pathlib import Path

from deploy.home import Home
from deploy.local.acquire import Programs
from deploy.local.component import Component, Health
from deploy.local.servers.account import unprivileged
from deploy.local.servers.cluster import Cluster
from deploy.local.servers.probe import NotHealthyError, exchange, healthy
from deploy.secrets import read_secret

NAME = "postgres"
ROLE = DATABASE = "pharos"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    # 16 replicas with pools of 10, relay, worker, and room for people and tests.
    "max_connections": "250",
    "shared_buffers": "128MB",
    # Needs a 100 MB library, for queries that this product does not ask.
    "jit": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    # A detail or a statement would put users' addresses into the log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
# "Start-up" of the frontend/backend protocol 3.0, and what pg_isready sends.
PROTOCOL = 3 << 16
ASKS_FOR_PASSWORD = b"R"


def component(home: Home, programs: Programs) -> Component:
    """Return the database server; SIGINT is its fast stop."""
    cluster = Cluster(home.root, home.data / NAME, ROLE, DATABASE, unprivileged())
    program = cluster.program(programs.postgres)
    environment = programs.environment(program)
    settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    return Component(
        name=NAME,
        argv=(str(program), "-D", str(cluster.data), "-p", str(home.ports[NAME]), *settings),
        cwd=Path("/"),
        log=home.logs / f"{NAME}.log",
        health=partial(check, home),
        port=home.ports[NAME],
        env=environment,
        run_as=cluster.account.name,
        stop_signal=signal.SIGINT,
        stop_timeout=20.0,
        prepare=partial(_prepare, home, cluster, program, environment),
    )


def _prepare(home: Home, cluster: Cluster, program: Path, env: dict[str, str]) -> None:
    cluster.ensure(program, env, read_secret(home.keys, "postgres_password"))
    home.run.mkdir(parents=True, exist_ok=True)
    _version_file(home).write_text(cluster.version(program, env))


def check(home: Home) -> Health:
    """Healthy once it asks for the role's password.

    While it starts, recovers or stops it answers a start-up packet with an
    error instead. This needs no password and leaves no line in its log.
    """
    return healthy(partial(_ask, home))


def _ask(home: Home) -> str | None:
    parameters = f"user\0{ROLE}\0database\0{DATABASE}\0\0".encode()
    packet = struct.pack(">II", 8 + len(parameters), PROTOCOL) + parameters
    answer = exchange(home.ports[NAME], packet)
    if not answer.startswith(ASKS_FOR_PASSWORD):
        message = re.search(rb"\0M([^\0]+)", answer)
        raise NotHealthyError(message[1].decode(errors="replace") if message else "unknown answer")
    return _version_file(home).read_text()


def _version_file(home: Home) -> Path:
    return home.run / "postgres.version"
