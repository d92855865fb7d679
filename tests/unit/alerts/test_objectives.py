"""slos.yaml: what is wrong in it is told with its line; what is right becomes rules."""

from pathlib import Path

import pytest

from alerts.objectives.build import generated, outdated, write
from alerts.objectives.burning import FAST, SLOW, limit
from alerts.objectives.document import SLOS, BadObjectivesError, load_slos
from alerts.objectives.selecting import bound

SLO = """\
slos:
  - name: api-latency
    title: API latency
    counts: requests
    objective: 99
    window: 30d
    description: Requests within 100 ms.
    feels: All is slow.
    team: product
    indicator:
      kind: latency
      histogram:
        metric: pharos_http_request_duration_seconds
        where: {job: api}
      seconds: 0.1
    fewest_bad: 20
    console: /load
    dashboard: pharos-api
"""


def _told(folder: Path, before: str, after: str) -> list[str]:
    assert before in SLO
    path = folder / "slos.yaml"
    path.write_text(SLO.replace(before, after))
    with pytest.raises(BadObjectivesError) as refused:
        load_slos(path)
    return refused.value.lines


@pytest.mark.parametrize(
    ("before", "after", "line", "words"),
    [
        ("objective: 99", "objective: 100", 5, "100 would leave no budget"),
        ("objective: 99", "objective: 0", 5, "a percentage between 50 and 99.9999"),
        ("objective: 99", "objective: much", 5, "slos[0].objective: 'much' will not do"),
        ("window: 30d", "windows: 30d", 6, "slos[0].windows: is no field here"),
        ("window: 30d", "windows: 30d", 2, "slos[0].window: is missing"),
        ("window: 30d", "window: 30 days", 6, "slos[0].window"),
        ("team: product", "team: nobody", 9, "slos[0].team"),
        ("kind: latency", "kind: speed", 10, "`kind` is share, latency or delay"),
        ("kind: latency", "kind: latency\n      kind: share", 12, "stands on line 11 already"),
        ("pharos_http_request_duration_seconds", "pharos_http_seconds", 13, "declare it"),
        ("pharos_http_request_duration_seconds", "pharos_http_requests_total", 13, "is a counter"),
        ("{job: api}", "{job: gateway}", 14, "gateway never occurs there: take of api, control"),
        ("{job: api}", "{job: api, path: x}", 14, "no such label: take one of instance, job"),
        ("{job: api}", "{}", 14, "add `job`"),
        ("seconds: 0.1", "seconds: 0.2", 15, "0.2 is no bucket's bound"),
        ("fewest_bad: 20", "fewest_bad: 0", 16, "slos[0].fewest_bad"),
        ("console: /load", "console: /loads", 17, "give one of /alerts"),
        ("dashboard: pharos-api", "dashboard: [", 19, "this is no YAML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_the_remedy(
    tmp_path: Path, before: str, after: str, line: int, words: str
) -> None:
    told = _told(tmp_path, before, after)
    assert any(text.startswith(f"slos.yaml:{line}: ") and words in text for text in told), told


def test_a_name_that_is_taken_is_told_at_the_second(tmp_path: Path) -> None:
    entry = SLO.removeprefix("slos:\n")
    assert _told(tmp_path, entry, entry * 2) == [
        "slos.yaml:19: slos[1].name: api-latency is taken: give another name"
    ]


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    told = _told(tmp_path, "objective: 99\n    window: 30d", "objective: 0\n    window: 30")
    assert [text.partition(" ")[0] for text in told] == ["slos.yaml:5:", "slos.yaml:6:"]


@pytest.mark.parametrize(
    ("name", "page", "ticket"),
    [
        ("api-availability", ["0.00144", "0.0006"], ["0.0003", "0.0001"]),
        ("api-latency", ["0.144", "0.06"], ["0.03", "0.01"]),
        ("event-freshness", ["0.0144", "0.006"], ["0.003", "0.001"]),
        ("control-actions", ["0.0144", "0.006"], ["0.003", "0.001"]),
    ],
)
def test_the_limits_are_those_of_the_workbook(
    name: str, page: list[str], ticket: list[str]
) -> None:
    slo = next(slo for slo in load_slos() if slo.name == name)
    assert [limit(slo, pair) for pair in FAST.pairs] == page
    assert [limit(slo, pair) for pair in SLOW.pairs] == ticket
    windows = [(pair.long, pair.short) for speed in (FAST, SLOW) for pair in speed.pairs]
    assert windows == [("1h", "5m"), ("6h", "30m"), ("1d", "2h"), ("3d", "6h")]


@pytest.mark.parametrize(("seconds", "le"), [(0.1, "0.1"), (5, "5.0"), (10.0, "10.0")])
def test_a_bucket_is_named_as_the_client_writes_it(seconds: float, le: str) -> None:
    assert bound(seconds) == le


@pytest.fixture
def room(tmp_path: Path) -> Path:
    for folder in ("rules", "tests"):
        (tmp_path / folder).mkdir()
    return tmp_path


def test_building_twice_changes_nothing_the_second_time(room: Path) -> None:
    files = generated(load_slos())
    assert len(write(files, room)) == len(files)
    assert write(files, room) == []
    assert outdated(files, room) == []


def test_a_generated_file_that_was_edited_or_is_left_over_is_told_and_mended(room: Path) -> None:
    files = generated(load_slos(SLOS))
    write(files, room)
    edited, left = room / "rules" / "slo-burning.yaml", room / "tests" / "slo-ratio-9d.yaml"
    left.write_text(edited.read_text())
    edited.write_text(edited.read_text().replace("0.00144", "0.5"))
    assert [text.partition(" ")[0] for text in outdated(files, room)] == [
        "rules/slo-burning.yaml",
        "tests/slo-ratio-9d.yaml",
    ]
    write(files, room)
    assert outdated(files, room) == []
    assert not left.exists()


def test_a_file_that_cannot_be_written_leaves_the_others_as_they_were(room: Path) -> None:
    (room / "tests").rmdir()
    with pytest.raises(OSError, match="tests"):
        write(generated(load_slos()), room)
    assert list((room / "rules").iterdir()) == []
