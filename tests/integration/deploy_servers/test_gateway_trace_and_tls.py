"""The gateway begins and continues traces, and serves a certificate that can be replaced."""

import json
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509

from backend.observability.traceparent import parse
from deploy.envoy.tls import pair_file, write_pair
from deploy.home import Home
from deploy.local.acquire import Programs
from deploy.local.servers import gateway
from deploy.local.servers.certificate import CERTIFICATE, write_own
from tests.fakes.collector import Collector, collecting
from tests.fixtures.running import PATIENCE
from tests.integration.deploy_servers.running import running, wait_for

BACKEND = Path(__file__).with_name("backend.py")
TRACE = "0af7651916cd43dd8448eb211c80319c"
UNRECORDED = f"00-{TRACE}-b7ad6b7169203331-00"


@pytest.fixture
def replica(home: Home) -> Iterator[None]:
    port = str(home.ports.replica(1)[0])
    process = subprocess.Popen((sys.executable, "-I", BACKEND, port, "api-1"))
    yield
    process.kill()
    process.wait(10)


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collecting() as found:
        monkeypatch.setenv("PHAROS_OTLP_ENDPOINT", found.url)
        yield found


@pytest.fixture
def plain(home: Home, programs: Programs, replica: None) -> Iterator[httpx.Client]:
    base = f"http://127.0.0.1:{home.ports['gateway']}"
    with (
        running(gateway.component(home, programs, replicas=1)),
        httpx.Client(base_url=base, timeout=PATIENCE) as client,
    ):
        wait_for(lambda: client.get("/v1/x").status_code == 200, "an answer of the replica")
        yield client


def _logged(home: Home, request: str) -> dict[str, object]:
    log = home.logs / "gateway-access.log"

    def lines() -> list[dict[str, object]]:
        found = [json.loads(line) for line in log.read_text().splitlines()]
        return [line for line in found if line.get("http.request.id") == request]

    wait_for(lines, f"the log line of {request}")
    return lines()[0]


def test_a_request_without_a_trace_gets_one_that_nobody_records(
    home: Home, plain: httpx.Client
) -> None:
    told = parse(
        plain.get("/v1/x", headers={"x-request-id": "r-1"}).json()["headers"]["traceparent"]
    )
    assert told is not None
    assert not told.sampled
    assert _logged(home, "r-1")["trace.id"] == told.trace_id


def test_a_trace_from_outside_goes_on_through_the_gateway(home: Home, plain: httpx.Client) -> None:
    sent = {"traceparent": UNRECORDED, "x-request-id": "r-2"}
    told = parse(plain.get("/v1/x", headers=sent).json()["headers"]["traceparent"])
    assert told is not None
    assert told.trace_id == TRACE
    assert _logged(home, "r-2")["trace.id"] == TRACE


def test_with_a_collector_the_gateways_spans_are_exported(
    collector: Collector, plain: httpx.Client
) -> None:
    told = parse(plain.get("/v1/x").json()["headers"]["traceparent"])
    assert told is not None
    assert told.sampled
    wait_for(lambda: collector.of_trace(told.trace_id), "the gateway's span")


def _served(home: Home) -> x509.Certificate:
    pem = ssl.get_server_certificate(("127.0.0.1", home.ports["gateway-tls"]), timeout=PATIENCE)
    return x509.load_pem_x509_certificate(pem.encode())


def test_the_certificate_is_valid_for_the_loopback_names(home: Home, plain: httpx.Client) -> None:
    trusted = ssl.create_default_context(cafile=str(home.conf / CERTIFICATE))
    with httpx.Client(verify=trusted, timeout=PATIENCE) as client:
        answer = client.get(f"https://localhost:{home.ports['gateway-tls']}/v1/x")
    assert answer.status_code == 200
    assert _served(home).not_valid_after_utc > datetime.now(UTC) + timedelta(days=300)


def test_a_replaced_certificate_is_served_and_measured_without_a_restart(
    home: Home, plain: httpx.Client
) -> None:
    before = _served(home).serial_number
    write_pair(pair_file(home), *write_own(home, timedelta(days=5)))
    wait_for(lambda: _served(home).serial_number != before, "the new certificate")
    stats = f"http://127.0.0.1:{home.ports['gateway-admin']}/stats/prometheus"
    days = "envoy_server_days_until_first_cert_expiring{} 4"
    wait_for(lambda: days in plain.get(stats).text, "the days that are left")
