"""The Grafana beside the stack, where one is configured: its client, and which dashboards it has.

Best effort, like all that Grafana is asked for: one that is away costs a warning.
Format: Grafana's HTTP API, `GET /api/search?tag=…&type=dash-db`.
"""

import logging
import threading
import time
from urllib.parse import urlsplit

from grafana_api.grafana_api import GrafanaException
from grafana_api.grafana_face import GrafanaFace

from console.control.settings import Grafana
from console.schemas import GrafanaDashboard

log = logging.getLogger(__name__)

TIMEOUT = 5.0
# The dashboards of a Grafana change when it is provisioned anew, and pages ask all the time.
KEPT_SECONDS = 60.0
TAG = "pharos"
# All that asking may end in: OSError is all of requests', the rest is an answer of another kind.
AWAY = (OSError, GrafanaException, ValueError, KeyError, TypeError)


def face(grafana: Grafana) -> GrafanaFace:
    """Return a client of the Grafana at `grafana.url`, which may have a path."""
    url = urlsplit(grafana.url)
    prefix = url.path.strip("/")
    return GrafanaFace(
        auth=grafana.auth,
        host=url.hostname,
        port=url.port,
        url_path_prefix=f"{prefix}/" if prefix else "",
        protocol=url.scheme,
        timeout=TIMEOUT,
    )


class GrafanaDashboards:
    """Which of our dashboards Grafana has; `grafana` null means that there is none."""

    def __init__(self, grafana: Grafana | None) -> None:
        self._grafana = grafana
        self._lock = threading.Lock()
        self._known: list[GrafanaDashboard] = []
        self._fresh_until = 0.0

    def ours(self) -> list[GrafanaDashboard]:
        """Return uid, title and address of each; empty while Grafana is away."""
        if self._grafana is None:
            return []
        with self._lock:
            if time.monotonic() > self._fresh_until:
                self._known = self._ask(self._grafana)
                self._fresh_until = time.monotonic() + KEPT_SECONDS
            return self._known

    def _ask(self, grafana: Grafana) -> list[GrafanaDashboard]:
        base = grafana.url.rstrip("/")
        try:
            found = face(grafana).search.search_dashboards(tag=TAG, type_="dash-db")
            return [
                GrafanaDashboard(
                    uid=each["uid"], title=each["title"], url=f"{base}/d/{each['uid']}"
                )
                for each in found
            ]
        except AWAY as error:
            log.warning("Grafana did not tell its dashboards: %s", error)
            return []
