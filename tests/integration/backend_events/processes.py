"""The event side as processes of their own: the relay, the worker, the command line."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.settings import Settings
from deploy.home import PROJECT
from tests.fixtures.running import PATIENCE
from tests.fixtures.stack import free_port

SECRETS = ("postgres_password", "rabbitmq_password")


def environment(settings: Settings, home: Path) -> dict[str, str]:
    """Return the environment that points a process at the test's database and vhost."""
    keys = home / "keys"
    keys.mkdir(exist_ok=True)
    for name in SECRETS:
        (keys / name).write_text(getattr(settings, name).get_secret_value())
    return {
        **os.environ,
        "PHAROS_HOME": str(home),
        "PHAROS_SECRETS_DIR": str(keys),
        "PHAROS_POSTGRES_PORT": str(settings.postgres_port),
        "PHAROS_POSTGRES_DATABASE": settings.postgres_database,
        "PHAROS_RABBITMQ_PORT": str(settings.rabbitmq_port),
        "PHAROS_RABBITMQ_VHOST": settings.rabbitmq_vhost,
        "PHAROS_DRAIN_SECONDS": "0",
    }


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


async def pharos(environment: dict[str, str], *arguments: str) -> Ended:
    """Run `./pharos ARGUMENTS` to its end."""
    process = await asyncio.create_subprocess_exec(
        PROJECT / "pharos",
        *arguments,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    return Ended(process.returncode or 0, out.decode(), err.decode())


@dataclass(frozen=True)
class Running:
    """A process of the product, and the port that it tells its state on."""

    process: asyncio.subprocess.Process
    ops_port: int

    async def end(self, how: signal.Signals) -> int:
        """Send a signal and return the exit code; a signal's is negative."""
        self.process.send_signal(how)
        return await asyncio.wait_for(self.process.wait(), PATIENCE)


@asynccontextmanager
async def running(module: str, environment: dict[str, str]) -> AsyncIterator[Running]:
    """Run `python -m backend.entrypoints.MODULE`; it is killed in the end if it still runs."""
    ops_port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"backend.entrypoints.{module}",
        env=environment | {"PHAROS_OPS_PORT": str(ops_port), "PHAROS_REPLICA_ID": module},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield Running(process, ops_port)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
