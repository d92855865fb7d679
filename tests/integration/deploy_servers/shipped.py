"""Lines that are written into log files of a home, and what of them the log store has."""

import json
from pathlib import Path
from typing import Any

import httpx

from deploy.elk.templates import INDEX
from deploy.home import Home
from deploy.local.servers import logstore
from tests.fixtures.running import PATIENCE, eventually


def hits(home: Home) -> list[dict[str, Any]]:
    url = f"{logstore.url(home)}/{INDEX}/_search"
    answer = httpx.post(url, json={"size": 5000}, timeout=PATIENCE).json()
    return list(answer.get("hits", {}).get("hits", []))


class Lines:
    """Writes numbered lines into log files of a home, and counts them in the store."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.written = 0

    def file(self, name: str) -> Path:
        return self._home.logs / name

    def write(self, count: int, name: str = "api-1.log") -> None:
        with self.file(name).open("a") as file:
            for number in range(self.written, self.written + count):
                line = {
                    "@timestamp": "2026-01-02T03:04:05.678901Z",
                    "log.level": "info",
                    "message": f"line {number}",
                }
                file.write(json.dumps(line) + "\n")
        self.written += count

    def rename(self, name: str, kept: int = 4) -> None:
        """Rotate as the product's processes do: each file gets the next number."""
        names = [name, *(f"{name}.{number}" for number in range(1, kept + 1))]
        for older, newer in zip(reversed(names[1:]), reversed(names[:-1]), strict=True):
            if self.file(newer).exists():
                self.file(newer).rename(self.file(older))

    def copy_away(self, name: str) -> None:
        """Rotate as the node agent does: copy, then truncate in place."""
        path = self.file(name)
        path.with_name(f"{name}.1").write_bytes(path.read_bytes())
        path.open("r+b").truncate(0)

    def stored(self) -> list[dict[str, str]]:
        return [hit["_source"] for hit in hits(self._home)]

    def each_arrived_once(self) -> None:
        wanted = [f"line {number}" for number in range(self.written)]
        eventually(
            lambda: len(self.stored()),
            lambda count: count >= self.written,
            f"{self.written} lines stored",
        )
        assert sorted(line["message"] for line in self.stored()) == sorted(wanted)
