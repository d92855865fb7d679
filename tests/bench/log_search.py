"""A selective search over a million log lines: the local store against grep over the same files."""

import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from backend.observability.lines import LineShape
from deploy.home import Home
from deploy.logstore import make_search
from deploy.logstore.local import LocalLogs

FILES = 10
NEEDLE = "needle-0b5c1d7e"
COMMON = {
    "log.level": "info",
    "log.logger": "backend.api.observed",
    "message": "GET /v1/users/{user_id} 200",
    "event.action": "request",
    "http.request.method": "GET",
    "http.response.status_code": 200,
    "pharos.route": "/v1/users/{user_id}",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds of wall-clock time; `found` lines each, which must be one."""

    lines: int
    size: int
    search_seconds: float
    grep_seconds: float
    found: int


def write_lines(home: Home, count: int = 1_000_000) -> int:
    """Write `count` lines of answered requests, one of them the needle's; return their bytes."""
    home.logs.mkdir(parents=True, exist_ok=True)
    shape, size = LineShape("api", "api-1", "0.1.0"), 0
    for number in range(1, FILES + 1):
        lines = [_line(shape, number * count + place) for place in range(count // FILES)]
        if number == FILES // 2:
            lines[len(lines) // 2] = _line(shape, 0, NEEDLE)
        data = b"".join(lines)
        (home.logs / f"api-{number}.log").write_bytes(data)
        size += len(data)
    return size


def _line(shape: LineShape, number: int, request: str = "") -> bytes:
    fields = {
        "event.duration": number % 9_000_000,
        "http.request.id": request or f"{number * 2654435761 % 2**64:032x}",
        "url.path": f"/v1/users/{number:032x}",
    }
    return shape.of_work(shape.rest(COMMON), time.time(), (None, None), fields)


def measure(home: Home, count: int = 1_000_000) -> Figures:
    """Write the lines, then search them by request id, once with each."""
    size = write_lines(home, count)
    began = time.perf_counter()
    found = LocalLogs(home).search(make_search(now=datetime.now(UTC), request_id=NEEDLE))
    searched = time.perf_counter() - began
    files = [str(path) for path in sorted(Path(home.logs).glob("api-*.log"))]
    began = time.perf_counter()
    subprocess.run(["grep", "-hF", NEEDLE, *files], check=True, capture_output=True)
    return Figures(count, size, searched, time.perf_counter() - began, len(found.lines))
