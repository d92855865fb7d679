"""A Redis of the test's own, to be paused, killed, and brought back with old data."""

import signal
import subprocess
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

from deploy.local.acquire import programs
from tests.fixtures.stack import free_port
from tests.integration.backend.replicas import until


class OwnRedis:
    """One redis-server process; its data folder survives it."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start it, with the data of the last snapshot, and wait until it answers."""
        self._launch()
        await until(self._answers)

    async def snapshot(self) -> None:
        """Write what is there to disk; the next start brings it back."""
        async with Redis(port=self.port) as client:
            await client.save()

    def pause(self) -> None:
        self._send(signal.SIGSTOP)

    def go_on(self) -> None:
        self._send(signal.SIGCONT)

    def kill(self) -> None:
        self._send(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()
        self._process = None

    def _launch(self) -> None:
        found = programs(print)
        arguments = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self._process = subprocess.Popen(
            [found.redis, *arguments, "--dir", self._folder, "--logfile", self._folder / "log"],
            env=found.environment(found.redis),
        )

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    async def _answers(self) -> bool:
        try:
            async with Redis(port=self.port) as client:
                return bool(await client.ping())
        except RedisError:
            return False
