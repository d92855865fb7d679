"""A running stand-in, a log to replay, and the environment of a `pharos load` process."""

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp import web

from chaos.traffic.target import Target
from tests.integration.traffic.standin import StandIn


@pytest.fixture
async def product() -> AsyncIterator[StandIn]:
    stand_in = StandIn()
    runner = web.AppRunner(stand_in.application(), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    stand_in.url = "http://{}:{}".format(*runner.addresses[0])
    yield stand_in
    await runner.cleanup()


@pytest.fixture
def target(product: StandIn) -> Target:
    return Target(product.url, "secret")


@pytest.fixture
def log(tmp_path: Path) -> Callable[..., Path]:
    """Write an access log: `log(addresses, seconds)` has a line for each, one a second."""

    def write(addresses: list[str], seconds: list[int] | None = None) -> Path:
        path = tmp_path / "access.log"
        times = seconds or list(range(len(addresses)))
        path.write_text(
            "".join(
                f"{address} - - [17/May/2015:10:{at // 60:02}:{at % 60:02} +0000] "
                f'"GET /page?token=hidden HTTP/1.1" 200 12\n'
                for address, at in zip(addresses, times, strict=True)
            )
        )
        return path

    return write


@pytest.fixture
def environment(product: StandIn, tmp_path: Path) -> dict[str, str]:
    """What a `pharos load` process needs to find the stand-in."""
    return {
        **os.environ,
        "PHAROS_HOME": str(tmp_path / "home"),
        "PHAROS_GATEWAY_URL": product.url,
        "PHAROS_SERVICE_TOKEN": "secret",
    }
