"""Marks deployments, scalings and drills on Grafana's dashboards, where one is configured.

Best effort, beside the work: a Grafana that is away costs a warning, never time.
Format: Grafana's HTTP API, `POST /api/annotations`, times in milliseconds.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Literal

from grafana_api.grafana_face import GrafanaFace

from backend.observability.catalogue import ANNOTATIONS_DRAWN
from backend.observability.metrics import Instruments
from console.control.grafana import AWAY, face
from console.control.settings import Grafana

log = logging.getLogger(__name__)

# The dashboards ask for annotations by these tags.
Kind = Literal["deploy", "scale", "chaos"]


class Annotations:
    """Draws one range a change; `grafana` null means that nothing is drawn."""

    def __init__(self, grafana: Grafana | None, instruments: Instruments) -> None:
        self._face = face(grafana) if grafana else None
        self._outcomes = instruments.counter(ANNOTATIONS_DRAWN)
        self._queue = ThreadPoolExecutor(max_workers=1, thread_name_prefix="annotations")

    def draw(self, kind: Kind, text: str, start: datetime, end: datetime) -> None:
        """Queue an annotation tagged `pharos` and `kind`; returns at once."""
        if self._face is not None:
            self._queue.submit(self._post, self._face, kind, text, start, end)

    def close(self) -> None:
        self._queue.shutdown(wait=False, cancel_futures=True)

    def _post(
        self, face: GrafanaFace, kind: Kind, text: str, start: datetime, end: datetime
    ) -> None:
        try:
            face.annotations.add_annotation(
                time_from=_milliseconds(start),
                time_to=_milliseconds(end),
                tags=["pharos", kind],
                text=text,
            )
            self._outcomes.labels(outcome="drawn").inc()
        except AWAY as error:
            self._outcomes.labels(outcome="failed").inc()
            log.warning("Grafana did not take the annotation %r: %s", text, error)


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
