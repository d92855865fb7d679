"""A process of the product as the operating system sees it, with its two ports."""

import os
import ssl
import subprocess
import sys
from pathlib import Path

import httpx
import orjson

from backend.settings import Settings
from tests.fixtures.stack import free_port
from tests.integration.backend.replicas import until

DRAIN_SECONDS = 1.0
# Each look has a client of its own: to read the machine's certificates for it would take longer
# than the answer does.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class ReplicaProcess:
    """`python -m backend.entrypoints.ROLE` with ports of its own."""

    def __init__(
        self, settings: Settings, folder: Path, role: str = "api", **environment: str
    ) -> None:
        self._module = f"backend.entrypoints.{role}"
        self.traffic, self.ops = free_port(), free_port()
        self.log_file = folder / f"{role}.log"
        self._environment = {
            "PHAROS_PORT": str(self.traffic),
            "PHAROS_OPS_PORT": str(self.ops),
            "PHAROS_POSTGRES_PORT": str(settings.postgres_port),
            "PHAROS_POSTGRES_DATABASE": settings.postgres_database,
            "PHAROS_POSTGRES_PASSWORD": settings.postgres_password.get_secret_value(),
            "PHAROS_DB_TIMEOUT": str(settings.db_timeout),
            "PHAROS_REDIS_PORT": "1",
            "PHAROS_LOG_FILE": str(self.log_file),
            "PHAROS_DRAIN_SECONDS": str(DRAIN_SECONDS),
            **environment,
        }
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", self._module],
            env={**os.environ, **self._environment},
        )

    async def get(self, port: int, path: str) -> httpx.Response | None:
        """Return the answer, or None when nobody listens."""
        try:
            async with httpx.AsyncClient(
                verify=NO_CERTIFICATES, trust_env=False, timeout=30
            ) as client:
                return await client.get(f"http://127.0.0.1:{port}{path}")
        except httpx.TransportError:
            return None

    async def status(self) -> str | None:
        answer = await self.get(self.ops, "/readyz")
        return str(answer.json()["status"]) if answer is not None else None

    async def reaches(self, status: str) -> None:
        async def there() -> bool:
            return await self.status() == status

        await until(there)

    def lines(self) -> list[dict[str, object]]:
        """Return the whole lines of its log: the last one may be half there."""
        written = self.log_file.read_bytes().splitlines(keepends=True)
        return [orjson.loads(line) for line in written if line.endswith(b"\n")]

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
