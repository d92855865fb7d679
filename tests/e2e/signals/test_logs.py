"""The log lines of the whole stack: found by request, of declared shape, and without secrets."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest

from backend.observability.fields import BY_NAME, JSON_TYPES, LEVELS, SERVICES
from deploy.logstore import Search
from deploy.logstore.logfiles import files_of
from tests.fixtures.running import RunningStack, eventually

pytestmark = pytest.mark.stack

WAY = ["gateway", "api", "relay", "worker"]
EVERY_LINE = {"@timestamp", "log.level", "message", "ecs.version", "service.name"}
PLANTED = "planted-in-vain"
ADDRESS = f"{PLANTED}@pharos-suite.org"


@dataclass(frozen=True)
class Posted:
    """A user and an event of his, each posted with a request id of its own."""

    user: str
    event: str


@pytest.fixture(scope="module")
def posted(stack: RunningStack) -> Posted:
    ids = Posted(f"user-{uuid4()}", f"event-{uuid4()}")
    headers = {"Authorization": f"Bearer {stack.secret('service_token')}"}
    with httpx.Client(base_url=stack.url("gateway"), headers=headers) as gateway:
        body = {"email": f"{ids.user}@pharos-suite.org", "name": "Ways"}
        made = gateway.post("/v1/users", json=body, headers={"x-request-id": ids.user})
        event = {
            "specversion": "1.0",
            "id": ids.event,
            "source": "urn:suite:logs",
            "type": "page.viewed",
            "subject": made.raise_for_status().json()["id"],
        }
        sent = gateway.post("/v1/events", json=event, headers={"x-request-id": ids.event})
        sent.raise_for_status()
    return ids


def asked_of_control(stack: RunningStack, request: str) -> list[dict[str, Any]]:
    answer = httpx.get(
        f"{stack.url('control')}/v1/logs/requests/{request}",
        headers={"Authorization": f"Bearer {stack.secret('operator_token')}"},
        timeout=30,
    )
    return [line["fields"] for line in answer.raise_for_status().json()["lines"]]


def begin(line: dict[str, Any]) -> datetime:
    ended = datetime.fromisoformat(line["@timestamp"])
    return ended - timedelta(microseconds=line["event.duration"] / 1000)


@pytest.mark.parametrize("which", ["user", "event"])
def test_a_request_is_followed_from_the_gateway_to_the_worker(
    stack: RunningStack, posted: Posted, which: str
) -> None:
    request = getattr(posted, which)
    lines = eventually(
        lambda: asked_of_control(stack, request), lambda found: len(found) >= 4, "its whole way"
    )
    assert [line["service.name"] for line in sorted(lines, key=begin)] == WAY
    assert len({line["trace.id"] for line in lines}) == 1
    printed = stack.run("logs", "search", "--request-id", request, "--json").stdout.splitlines()
    by_time = sorted(lines, key=lambda line: line["@timestamp"])
    assert [orjson.loads(line) for line in printed] == by_time


def test_every_line_of_ours_has_declared_fields_of_the_right_types(
    stack: RunningStack, posted: Posted
) -> None:
    files = files_of(stack.home, Search())
    strange = [(path.name, why) for path in files for line in _lines(path) if (why := _odd(line))]
    assert strange[:10] == []
    written = {path.name.partition(".")[0].partition("-")[0] for path in files}
    assert written >= {"gateway", "api", "relay", "worker", "agent", "control"}


def _lines(path: Path) -> Iterator[bytes]:
    """Yield whole lines: the last one of a file that is being written may be half there."""
    with path.open("rb") as file:
        yield from (line for line in file if line.endswith(b"\n"))


def _odd(line: bytes) -> str:
    """Return what is wrong with a line; nothing if it is as the table of fields says."""
    try:
        fields = orjson.loads(line)
    except ValueError:
        return f"no JSON: {line[:200]!r}"
    wrong = [
        f"{name}={value!r}"
        for name, value in fields.items()
        if name not in BY_NAME or type(value) is not JSON_TYPES[BY_NAME[name].type]
    ]
    wrong += sorted(EVERY_LINE - fields.keys())
    if fields.get("service.name") not in SERVICES or fields.get("log.level") not in LEVELS:
        wrong.append(f"{fields.get('service.name')}, {fields.get('log.level')}")
    return ", ".join(wrong)


def test_what_is_secret_or_an_address_is_in_no_file_below_the_logs(stack: RunningStack) -> None:
    owner = {"Authorization": f"Bearer {stack.secret('service_token')}"}
    replica = f"http://127.0.0.1:{stack.home.ports.replica(1)[0]}"
    codes = [code for url in (stack.url("gateway"), replica) for code in _plant(url, owner)]
    codes += _plant(stack.url("control"), {})
    form = {"name": ADDRESS, "password": f"{PLANTED}-password"}
    codes.append(httpx.post(f"{stack.url('control')}/sign-in", data=form).status_code)
    marker = f"last-{uuid4()}"
    body = {"email": f"{marker}@pharos-suite.org", "name": "Last"}
    httpx.post(f"{stack.url('gateway')}/v1/users", json=body,
               headers=owner | {"x-request-id": marker})  # fmt: skip
    eventually(lambda: _files_with(stack, marker), lambda found: "worker.log" in found, marker)
    assert set(codes) <= {200, 201, 401, 403, 404, 405, 409, 422}
    assert _files_with(stack, PLANTED) == []


def _plant(url: str, owner: dict[str, str]) -> list[int]:
    """Ask with something secret in every place where there could be one."""
    agent = {"User-Agent": f"curl ({ADDRESS})"}
    basic = {"Authorization": f"Basic {PLANTED}"}
    with httpx.Client(base_url=url) as client:
        answers = chain(
            (client.post("/v1/users", json={"email": ADDRESS, "name": PLANTED}, headers=owner)
             for _ in range(2)),
            (client.post("/v1/users", json={"email": PLANTED, "password": PLANTED}, headers=owner),
             client.get("/v1/users", params={"email": ADDRESS, "token": PLANTED}, headers=agent),
             client.get(f"/v1/users/{ADDRESS}"),
             client.get(f"/v1/nowhere/token={PLANTED}", headers=basic),
             client.get("/v1/users", headers={"Authorization": f"Bearer {PLANTED}",
                                              "Cookie": f"session={PLANTED}"}),
             client.get("/v1/users", headers={"x-request-id": f"token={PLANTED}"})),
        )  # fmt: skip
        return [answer.status_code for answer in answers]


def _files_with(stack: RunningStack, words: str) -> list[str]:
    paths = [path for path in stack.home.logs.rglob("*") if path.is_file()]
    try:
        return [path.name for path in paths if words.encode() in path.read_bytes()]
    except FileNotFoundError:  # rotated away meanwhile: what it held is under another name
        return _files_with(stack, words)
