"""How large a scrape is: one real replica's page, and what fifty of them come to."""

import gzip
from dataclasses import dataclass

import httpx

from deploy.home import Home
from deploy.prometheus.configuration import INTERVAL

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
REPLICAS = 50


@dataclass(frozen=True, slots=True)
class Scrape:
    """One replica's page: bytes as sent and gzipped, and its samples; `fifty` are fifty of them."""

    size: int
    zipped: int
    samples: int
    interval: str

    @property
    def fifty(self) -> "Scrape":
        return Scrape(
            REPLICAS * self.size, REPLICAS * self.zipped, REPLICAS * self.samples, self.interval
        )


def scrape(home: Home) -> Scrape:
    """Read the page of the first api replica of a running stack, as Prometheus reads it."""
    port = home.ports.replica(1)[1]
    page = httpx.get(
        f"http://127.0.0.1:{port}/metrics", headers={"accept": OPENMETRICS}, trust_env=False
    ).raise_for_status()
    samples = sum(not line.startswith(b"#") for line in page.content.splitlines())
    return Scrape(len(page.content), len(gzip.compress(page.content)), samples, INTERVAL)
