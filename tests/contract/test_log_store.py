"""What a search finds, the same in the local files and in Elasticsearch."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.elk.store import Store
from deploy.logstore import StoreAwayError, make_search
from deploy.logstore.elastic import ElasticLogs
from tests.fixtures.logstore import Filled, FilledFiles, elastic

BEGIN = datetime(2026, 11, 24, 10, tzinfo=UTC)
HUGE = "x" * 8_000 + " needle at the end"


def line(second: float, message: str, level: str = "info", **more: Any) -> dict[str, Any]:
    at = (BEGIN + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    fields = {name.replace("__", "."): value for name, value in more.items()}
    return {
        "@timestamp": at,
        "log.level": level,
        "message": message,
        "service.name": "api",
        "service.node.name": "api-1",
    } | fields


LINES = [
    line(0, "Started", log__logger="backend.api"),
    line(1, "GET /v1/users 200", http__request__id="r-1", http__response__status_code=200,
         url__path="/v1/users/Ann", event__duration=1_500_000),
    line(1, "GET /v1/users 500", "error", http__request__id="r-2", http__response__status_code=500,
         trace__id="0af7651916cd43dd8448eb211c80319c", error__type="TimeoutError",
         error__message="no free connection within 3 s", service__node__name="api-2"),
    line(2, 'He said "quoted" and 100% of a_b', "warning"),
    line(2, "a path C:\\temp\\x and a star * and ?"),
    line(3, "Ärger über Zürich", "warning"),
    line(3, "日本語のログ"),
    line(4, HUGE),
    line(5, "event applied", service__name="worker", service__node__name="worker",
         http__request__id="r-1", event__id="0af4", error__stack_trace="one\ntwo"),
    line(6, "GET /v1/users 200", service__name="gateway", service__node__name="gateway",
         http__request__id="r-1", http__response__status_code=200),
    line(7, "the end", "critical"),
]  # fmt: skip


@pytest.fixture(scope="module", params=["files", "elastic"])
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Filled]:
    if request.param == "files":
        source: Iterator[Filled] = iter([FilledFiles(tmp_path_factory.mktemp("home"))])
    else:
        source = elastic()
    made = next(source)
    made.fill(LINES)
    yield made
    next(source, None)


def found(filled: Filled, text: str = "", **how: Any) -> list[str]:
    """Return the beginnings of the messages found, oldest first."""
    how = {"since": BEGIN.isoformat(), "until": "2026-11-24T11:00", "order": "oldest"} | how
    search = make_search(text, now=BEGIN, **how)
    return [each.message[:20] for each in filled.store.search(search).lines]


TEXTS = {
    "started": ["Started"],
    "STARTED": ["Started"],
    "users get": ["GET /v1/users 200", "GET /v1/users 500", "GET /v1/users 200"],
    '"GET /v1/users 500"': ["GET /v1/users 500"],
    '"users GET"': [],
    "sers 50": ["GET /v1/users 500"],
    '"\\"quoted\\""': ['He said "quoted" and'],
    "100%": ['He said "quoted" and'],
    "a_b": ['He said "quoted" and'],
    "axb": [],
    'message:"c:\\\\temp"': ["a path C:\\temp\\x and "[:20]],
    '"\\\\x and a star * and ?"': ["a path C:\\temp\\x and "[:20]],
    "st*r": [],
    "Ärger": ["Ärger über Zürich"],
    "ärger": [],
    "ZÜrich": [],
    "Zürich": ["Ärger über Zürich"],
    "本語": ["日本語のログ"],
    "needle": [HUGE[:20]],
    "connection": ["GET /v1/users 500"],
    "timeouterror": ["GET /v1/users 500"],
    "r-1": ["GET /v1/users 200", "event applied", "GET /v1/users 200"],
    "two": ["event applied"],
    "level:error": ["GET /v1/users 500"],
    "level:ERROR": ["GET /v1/users 500"],
    "log.level:err": [],
    "status:500": ["GET /v1/users 500"],
    "status:50": [],
    "status:none": [],
    "path:ann": ["GET /v1/users 200"],
    "event.duration:1500000": ["GET /v1/users 200"],
    'error.message:"free connection"': ["GET /v1/users 500"],
    "error:*": ["GET /v1/users 500"],
    "users -status:200": ["GET /v1/users 500"],
    "users -500": ["GET /v1/users 200", "GET /v1/users 200"],
    "request:* -service:api": ["event applied", "GET /v1/users 200"],
    "-status:* -level:info": ['He said "quoted" and', "Ärger über Zürich", "the end"],
    'users -"users 500" service:api': ["GET /v1/users 200"],
}  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_finds(filled: Filled, text: str) -> None:
    # Which of two lines of one time comes first is not said.
    assert sorted(found(filled, text)) == sorted(TEXTS[text])


def test_conditions_beside_the_text_must_hold_too(filled: Filled) -> None:
    assert found(filled, component="api-2") == ["GET /v1/users 500"]
    assert found(filled, component="worker") == ["event applied"]
    assert len(found(filled, component="api")) == 9
    assert found(filled, request_id="r-2") == ["GET /v1/users 500"]
    assert found(filled, trace_id="0af7651916cd43dd8448eb211c80319c") == ["GET /v1/users 500"]
    assert found(filled, level="error") == ["GET /v1/users 500", "the end"]


def test_times_include_their_begin_and_not_their_end(filled: Filled) -> None:
    between = {"since": "2026-11-24T10:00:02", "until": "2026-11-24T10:00:03"}
    assert len(found(filled, **between)) == 2
    assert found(filled, since="2026-11-24T10:00:07") == ["the end"]


def test_the_newest_come_first_up_to_the_limit_which_is_told(filled: Filled) -> None:
    search = make_search("", now=BEGIN, limit=2)
    page = filled.store.search(search)
    assert [each.message for each in page.lines] == ["the end", "GET /v1/users 200"]
    assert page.more
    assert not filled.store.search(make_search("needle", now=BEGIN, limit=2)).more


def test_lines_of_one_time_are_all_there(filled: Filled) -> None:
    assert len(found(filled, "users", until="2026-11-24T10:00:02")) == 2


def test_a_line_is_told_with_all_its_fields(filled: Filled) -> None:
    search = make_search("status:500", now=BEGIN)
    (only,) = filled.store.search(search).lines
    assert only.fields == LINES[2]
    assert (only.at, only.level, only.component) == (BEGIN + timedelta(seconds=1), "error", "api-2")


def test_the_histogram_counts_by_time_and_level(filled: Filled) -> None:
    bars = filled.store.histogram(make_search("users", now=BEGIN, limit=1), width=5).bars
    assert [(bar.at, bar.counts) for bar in bars] == [
        (BEGIN, {"info": 1, "error": 1}),
        (BEGIN + timedelta(seconds=5), {"info": 1}),
    ]


def test_nothing_found_is_no_error(filled: Filled) -> None:
    assert found(filled, "nowhere") == []
    assert filled.store.histogram(make_search("nowhere", now=BEGIN), 5).bars == []


def test_an_elasticsearch_that_is_away_is_said_in_words() -> None:
    store = ElasticLogs(Store(url="http://127.0.0.1:9"))
    with pytest.raises(StoreAwayError, match="Elasticsearch does not answer"):
        store.search(make_search("", now=BEGIN))
    store.close()
