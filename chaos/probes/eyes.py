"""The gateway's counters, also while Prometheus does not answer: read from the gateway itself.

Prometheus is asked first: it remembers what was before the drill. A drill that
stops Prometheus, or meets it stopped, must still see how much harm it does.
"""

import re
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from chaos.drill import Totals, Traffic
from chaos.errors import BlindError, NoSampleError
from chaos.probes.prometheus import DURATIONS, RESPONSES, Sample, totals_of

EVERY = 2.0  # seconds, as Prometheus scrapes
KEPT = 150  # readings: five minutes
FRESH = 3 * EVERY
TIMEOUT = 2.0
# One that hangs costs each look its whole time, so it is not asked again at once.
SPARED = 5.0
# Of the text format, the two families that count users' requests, as Envoy writes them.
LINE = re.compile(rf"^({RESPONSES}|{DURATIONS})\{{(.*)\}} (\S+)$", re.MULTILINE)
LABEL = re.compile(r'(\w+)="([^"]*)"')
OF_USERS = ("envoy_http_conn_manager_prefix", "gateway")


class GatewayReader:
    """Reads the gateway's own statistics page while the block of `reading` runs."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=TIMEOUT, trust_env=False)
        self._readings: deque[Totals] = deque(maxlen=KEPT)
        self._over = threading.Event()
        self._why = "it was not asked yet"

    @contextmanager
    def reading(self) -> Iterator[None]:
        thread = threading.Thread(target=self._read_on, name="gateway reader", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()
            self._client.close()

    def totals(self, at: float | None = None) -> Totals:
        """Return the newest reading not after `at` (Unix seconds; default now).

        Raises:
            NoSampleError: there is none that old.
            BlindError: the gateway has not answered for a while.
        """
        readings = list(self._readings)
        if at is None:
            if not readings or time.time() - readings[-1].at > FRESH:
                raise BlindError(f"the gateway does not tell its counters: {self._why}")
            return readings[-1]
        found = next((each for each in reversed(readings) if each.at <= at), None)
        if found is None:
            raise NoSampleError("the gateway was not read so early")
        return found

    def _read_on(self) -> None:
        while not self._over.is_set():
            try:
                self._readings.append(self._read())
            except (httpx.HTTPError, ValueError) as error:
                self._why = str(error) or repr(error)
            self._over.wait(EVERY)

    def _read(self) -> Totals:
        at = time.time()
        answer = self._client.get("/stats/prometheus")
        answer.raise_for_status()
        samples = [_sample(*found) for found in LINE.findall(answer.text)]
        mine = [each for each in samples if each.labels.get(OF_USERS[0]) == OF_USERS[1]]
        if not mine:
            raise ValueError("it has counted nothing yet")
        return totals_of(mine, at)


class TwoEyes:
    """Implements `chaos.drill.Traffic`: Prometheus, and where it does not answer the gateway."""

    def __init__(self, prometheus: Traffic, gateway: GatewayReader) -> None:
        self._prometheus = prometheus
        self._gateway = gateway
        self._asked_again_at = 0.0

    def totals(self, at: float | None = None) -> Totals:
        if time.monotonic() < self._asked_again_at:
            return self._gateway.totals(at)
        try:
            return self._prometheus.totals(at)
        except NoSampleError:
            raise
        except BlindError as error:
            self._asked_again_at = time.monotonic() + SPARED
            return self._of_gateway(at, error)

    def endpoints(self, role: str, since: float) -> int:
        return self._prometheus.endpoints(role, since)

    def _of_gateway(self, at: float | None, blind: BlindError) -> Totals:
        try:
            return self._gateway.totals(at)
        except NoSampleError:
            raise
        except BlindError as error:
            raise BlindError(f"{blind}; {error}") from error


def _sample(name: str, labels: str, value: str) -> Sample:
    return Sample({"__name__": name, **dict(LABEL.findall(labels))}, float(value))
