"""The control service's searches of the log lines: from its home's files."""

import httpx
import orjson
import pytest

from tests.fixtures.control_service import Service

LINE = {
    "@timestamp": "2099-11-24T12:00:00.000000Z", "log.level": "error", "message": "It broke",
    "service.name": "api", "service.node.name": "api-1", "http.request.id": "r-1",
}  # fmt: skip


def test_lines_counts_and_a_request_s_way_come_from_the_home(
    service: Service, operator: httpx.Client
) -> None:
    service.home.logs.mkdir(exist_ok=True)
    (service.home.logs / "api-1.log").write_bytes(orjson.dumps(LINE) + b"\n")
    found = operator.get("/v1/logs", params={"query": "broke", "level": "error"}).json()
    assert [line["fields"] for line in found["lines"]] == [LINE]
    assert operator.get("/v1/logs/histogram", params={"until": "2100-01-01"}).json()["bars"]
    way = operator.get("/v1/logs/requests/r-1").json()["lines"]
    assert [line["component"] for line in way] == ["api-1"]


@pytest.mark.parametrize("how", [{"query": 'an "open'}, {"since": "soon"}, {"level": "loud"}])
def test_what_cannot_be_understood_is_a_problem_in_words(
    operator: httpx.Client, how: dict[str, str]
) -> None:
    answer = operator.get("/v1/logs", params=how)
    assert answer.status_code == 422
    assert answer.json()["detail"]


def test_a_stranger_reads_no_line(service: Service) -> None:
    assert service.visit("/v1/logs").status_code == 401
