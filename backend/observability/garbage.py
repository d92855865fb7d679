"""How long the garbage collector stops the process: every thread of it, the loop's included."""

import gc
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

from backend.observability.catalogue import GC_PAUSE
from backend.observability.metrics import Instruments


@contextmanager
def collections_timed(instruments: Instruments) -> Iterator[None]:
    """Time each run of the collector as long as the block runs."""
    histogram = instruments.histogram(GC_PAUSE)
    (label,) = GC_PAUSE.labels
    pauses = [histogram.labels(generation=generation) for generation in label.values]
    began = 0.0

    def ran(phase: Literal["start", "stop"], info: Mapping[str, Any]) -> None:
        nonlocal began
        if phase == "start":
            began = time.perf_counter()
        else:
            pauses[info["generation"]].observe(time.perf_counter() - began)

    gc.callbacks.append(ran)
    try:
        yield
    finally:
        gc.callbacks.remove(ran)
