"""Marks scalings and drills on Grafana's dashboards, where a Grafana is configured.

Best effort, beside the work: a Grafana that is away costs a warning, never time.
Format: Grafana's HTTP API, `POST /api/annotations`, times in milliseconds.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from urllib.parse import urlsplit

from grafana_api.grafana_api import GrafanaException
from grafana_api.grafana_face import GrafanaFace

from console.control.settings import Grafana

log = logging.getLogger(__name__)

TIMEOUT = 5.0


class Annotations:
    """Draws one range a change; `grafana` null means that nothing is drawn."""

    def __init__(self, grafana: Grafana | None) -> None:
        self._face = _face(grafana) if grafana else None
        self._queue = ThreadPoolExecutor(max_workers=1, thread_name_prefix="annotations")

    def draw(self, kind: str, text: str, start: datetime, end: datetime) -> None:
        """Queue an annotation tagged `pharos` and `kind`; returns at once."""
        if self._face is not None:
            self._queue.submit(self._post, self._face, kind, text, start, end)

    def close(self) -> None:
        self._queue.shutdown(wait=False, cancel_futures=True)

    def _post(
        self, face: GrafanaFace, kind: str, text: str, start: datetime, end: datetime
    ) -> None:
        try:
            face.annotations.add_annotation(
                time_from=_milliseconds(start),
                time_to=_milliseconds(end),
                tags=["pharos", kind],
                text=text,
            )
        except (OSError, GrafanaException, ValueError) as error:  # OSError: all of requests'
            log.warning("Grafana did not take the annotation %r: %s", text, error)


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _face(grafana: Grafana) -> GrafanaFace:
    url = urlsplit(grafana.url)
    prefix = url.path.strip("/")
    return GrafanaFace(
        auth=grafana.token,
        host=url.hostname,
        port=url.port,
        url_path_prefix=f"{prefix}/" if prefix else "",
        protocol=url.scheme,
        timeout=TIMEOUT,
    )
