"""Runs promtool, which comes with Prometheus, for whoever keeps rules."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.local.acquire import Programs

# It lives for a moment, with a heap to match: Go's garbage collector took a third of its time.
COLLECTS_LESS = {"GOGC": "400"}


@dataclass(frozen=True, slots=True)
class Answer:
    """`passed`, and what promtool said on both its outputs."""

    passed: bool
    text: str


def promtool(programs: Programs, *arguments: str | Path) -> Answer:
    """Run `promtool ARGUMENTS` and return what it said; it needs no network and no server."""
    result = subprocess.run(
        (programs.promtool, *arguments),
        env={**os.environ, **COLLECTS_LESS, **programs.environment(programs.promtool)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Answer(result.returncode == 0, result.stdout.strip())
