"""The report on a drill: everything that was found out, in Markdown and as one page."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chaos.cli import app
from chaos.journal import Journal, write_verdict
from chaos.probes.prometheus import Prometheus
from chaos.report.charts import Chart, svg
from chaos.report.curves import curves
from chaos.report.markdown import markdown
from chaos.report.page import page
from chaos.report.run import Run
from chaos.report.sections import sections, title
from chaos.runner.experiments import load
from chaos.schemas import (
    AlertWay,
    DrillVerdict,
    Impact,
    JournalEntry,
    Kind,
    SignalReport,
    Undo,
    Verdict,
)

RUN = "20260131T120000-a1b2"
NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
WAY = AlertWay(
    alert="ReplicaDown", severity="page", pending=5.2, firing=21.4, delivered=22.9, resolved=4.1
)
VERDICT = DrillVerdict(
    run=RUN,
    experiment="kill-replica",
    verdict=Verdict.FAILED,
    reason="<b>x</b> | too late",
    steady_before=True,
    steady_after=None,
    impact=Impact(requests=1200, failed=6, error_ratio=0.005, p99_during_seconds=1.7),
    recovery_seconds=3.25,
    undo=Undo(clean=False, residue=["api-2 is not ready"]),
    signals=[
        SignalReport(kind="alert", expected="it fires", met=True, seconds=21.4, words="y", way=WAY),
        SignalReport(kind="silent", expected="no page", met=False, words="CacheAway fired"),
        SignalReport(kind="log", expected="a line", met=None, words="not to be searched"),
    ],
    started_at=NOW,
    fault_at=NOW + timedelta(seconds=2),
    fault_ended_at=NOW + timedelta(seconds=32),
    ended_at=NOW + timedelta(seconds=60),
)
STARTED = JournalEntry.model_validate(
    {"at": NOW, "kind": Kind.RUN_STARTED, "message": "begins", "actor": "ana", "reason": "a test"}
)
WHOLE = Run(VERDICT, [STARTED], load("kill-replica").experiment)


class Tags(HTMLParser):
    """Collects every tag, and fails on one that is never closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.tags.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    "words",
    [
        "# Losing a replica goes unnoticed: failed",
        "by ana: a test",
        "It held before the fault and could not be seen after it.",
        "From 12:00:02 to 12:00:32, 30.0 s.",
        "**Left behind**: api-2 is not ready.",
        "| 1,200 | 6 | 0.50% | - | 1.7 s |",
        "| ReplicaDown (page, live) | 5.2 s | 21.4 s | 22.9 s | 4.1 s |",
        "| silent | no page | **missed** | - | CacheAway fired |",
        "| log | a line | not known | - | not to be searched |",
        "| 12:00:00 | run.started | begins |",
    ],
)
def test_the_report_says(words: str) -> None:
    assert words in markdown(title(WHOLE), sections(WHOLE))


def test_a_drill_that_injected_nothing_is_reported_as_that() -> None:
    nothing = VERDICT.model_copy(update={"fault_at": None, "signals": [], "impact": Impact()})
    text = markdown("x", sections(Run(nothing, [], None)))
    assert "Nothing was injected." in text
    assert "The alerts' way" not in text


def test_the_page_is_whole_and_runs_nothing() -> None:
    chart = Chart("p99", "ms", [(0, 1.0), (1, 3.0), (9, 2.0)], 0, 10, [(2, 5)], [(4, "it <fires>")])
    text = page(title(WHOLE), sections(WHOLE), [chart])
    tags = Tags(text)
    assert tags.open == []
    assert "script" not in tags.tags
    assert "<b>x</b>" not in text
    assert tags.tags.count("polyline") == 2
    assert "it &lt;fires&gt;" in text


@pytest.mark.parametrize("curve", [[], [(0.0, float("nan"))]])
def test_a_chart_without_samples_says_so(curve: list[tuple[float, float]]) -> None:
    assert "no samples" in svg(Chart("p99", "ms", curve, 0, 10))


def report(home: Path, *arguments: str) -> Result:
    environment = {"PHAROS_HOME": str(home), "PHAROS_PORT_BASE": "9700"}
    return CliRunner().invoke(app, ["chaos", "report", *arguments], env=environment)


def test_the_command_prints_it_and_writes_a_page_without_a_stack(tmp_path: Path) -> None:
    folder = tmp_path / "drills" / RUN
    Journal(folder).write(Kind.RUN_STARTED, "begins", actor="ana", reason="a test")
    write_verdict(folder, VERDICT)
    result = report(tmp_path, RUN, "--html", str(tmp_path / "report.html"))
    assert result.exit_code == 0
    assert result.stdout.startswith("# Losing a replica goes unnoticed: failed")
    assert "no charts" in result.stderr
    assert "ReplicaDown" in (tmp_path / "report.html").read_text()


def test_a_drill_that_goes_on_has_no_report_yet(tmp_path: Path) -> None:
    Journal(tmp_path / "drills" / RUN).write(Kind.RUN_STARTED, "begins")
    result = report(tmp_path, RUN)
    assert result.exit_code == 2
    assert "has no verdict" in result.stderr


@pytest.mark.parametrize("run", ["20260131T120000-0000", "", "..", "../drills"])
def test_an_unknown_run_is_wrong_usage(tmp_path: Path, run: str) -> None:
    (tmp_path / "drills").mkdir()
    result = report(tmp_path, run)
    assert result.exit_code == 2
    assert "there is no drill" in result.stderr


class Asked(Prometheus):
    """Keeps the range of each rate that it is asked for, with the time between two points."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1")
        self.ranges: list[tuple[float, float]] = []

    def curve(
        self,
        promql: str,
        start: float,
        end: float,
        step: float,
    ) -> list[tuple[float, float]]:
        self.ranges += [(float(each), step) for each in re.findall(r"\[([\d.]+)s\]", promql)]
        return [(start, 1.0), (end, 1.0)]


@pytest.mark.parametrize("hours", [0.01, 3, 24])
def test_a_chart_leaves_no_time_out_however_long_it_is(hours: float) -> None:
    asked, begun = Asked(), datetime(2026, 1, 31, 12, tzinfo=UTC)
    drawn = curves(asked, begun, begun + timedelta(hours=hours), [], [])
    assert len(drawn) == len(asked.ranges) == 3
    assert all(seconds >= max(step, 10) for seconds, step in asked.ranges)
