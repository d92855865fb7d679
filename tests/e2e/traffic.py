"""Traffic for the end-to-end tests: a small access log of their own, replayed in the background."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fixtures.running import RunningStack, eventually

ADDRESSES = 60


def write_access_log(path: Path, lines: int) -> Path:
    """Write a combined-format log: requests of 60 addresses, in hourly bursts like a real one."""
    rows = [
        f"10.9.0.{n % ADDRESSES} - - [17/May/2015:{n * 7 // lines:02d}:05:{n % 60:02d} +0000] "
        f'"GET /page/{n % 11} HTTP/1.1" {(200, 304, 404)[n % 3]} {n % 5000} "-" "agent/{n % 4}"'
        for n in range(lines)
    ]
    path.write_text("\n".join(rows) + "\n")
    return path


@dataclass
class Replay:
    """A replay under way; `summary`, and `told` with failures' reasons, are filled at its end."""

    process: subprocess.Popen[str]
    summary: dict[str, Any] = field(default_factory=dict)
    told: str = ""

    def finish(self, seconds: float = 180) -> dict[str, Any]:
        """Wait for the replay's own end and return its summary."""
        out, self.told = self.process.communicate(timeout=seconds)
        assert out, self.told
        self.summary = json.loads(out)
        return self.summary

    def stop(self) -> dict[str, Any]:
        """Interrupt the replay as Ctrl-C would, and return the summary of what was sent."""
        self.process.send_signal(2)
        return self.finish()


@contextmanager
def replaying(stack: RunningStack, log: Path, rate: int, seconds: int) -> Iterator[Replay]:
    """Replay `log` at `rate` for at most `seconds`, and end the process whatever happens.

    The block begins once the first event has been accepted.
    """
    known = set(stack.home.runs.glob("*.jsonl"))
    process = stack.start(
        "load", "--trace", str(log), "--rate", str(rate), "--duration", str(seconds), "--json"
    )
    try:
        eventually(lambda: _accepted(stack, known), bool, "the first event of the replay")
        yield Replay(process)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def _accepted(stack: RunningStack, known: set[Path]) -> bool:
    return any(path.stat().st_size for path in set(stack.home.runs.glob("*.jsonl")) - known)


def assert_nothing_lost(stack: RunningStack, run: str) -> None:
    """Drain, then compare what the gateway accepted in `run` with the log and the read model."""
    drained = stack.run("events", "drain", "--timeout", "120", seconds=150)
    assert drained.returncode == 0, drained.stdout + drained.stderr
    verified = stack.json("events", "verify", "--run", run, "--json")
    sent = verified.pop("sent")
    assert sent > 0
    assert verified == {"missing": 0, "doubled": 0, "out_of_order": 0}
