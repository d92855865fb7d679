"""The error tracker as a test sees it: what came, by the process that sent it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from deploy.home import Home
from deploy.secrets import read_secret
from tests.fixtures.running import PATIENCE, eventually


@dataclass(frozen=True)
class RealTracker:
    """Bugsink, and where it takes reports."""

    home: Home
    dsn: str

    def reported_by(self, node: str) -> list[dict[str, Any]]:
        """Return the events that came from one process, each as it was sent."""
        return [event for event in self._events() if event["server_name"] == node]

    def first_of(self, node: str) -> dict[str, Any]:
        """Wait for a process's first event."""
        return eventually(lambda: self.reported_by(node), bool, f"an event of {node}")[0]

    def _events(self) -> Iterator[dict[str, Any]]:
        for issue in self._get("issues", project=self.dsn.rpartition("/")[2])["results"]:
            for event in self._get("events", issue=issue["id"])["results"]:
                yield self._get(f"events/{event['id']}")["data"]

    def _get(self, what: str, **asked: str) -> Any:
        token = read_secret(self.home.keys, "errors_token")
        url = f"http://127.0.0.1:{self.home.ports['errors']}/api/canonical/0/{what}/"
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.get(url, params=asked, headers=headers, timeout=PATIENCE)
        return answer.raise_for_status().json()
