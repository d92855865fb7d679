"""The generated dashboards are what their sources say, and lead from one to the next."""

import json
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from alerts.promql import nodes, parsed
from dashboards.build import DASHBOARDS, JSON, outdated, write

DOCUMENTS = {name: json.loads((JSON / f"{name}.json").read_text()) for name in DASHBOARDS}
PANELS = [
    pytest.param(panel, id=f"{name}: {panel['title']}")
    for name, document in DOCUMENTS.items()
    for panel in document["panels"]
    if panel["type"] != "row"
]
Grafana = dict[str, Any]


def panels_of(name: str) -> list[Grafana]:
    return [panel for panel in DOCUMENTS[name]["panels"] if panel["type"] != "row"]


by_dashboard = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
by_panel = pytest.mark.parametrize("panel", PANELS)


def test_every_file_is_what_its_source_says() -> None:
    assert outdated() == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda file: file.write_text("{}"), "overview.json is not what its source says"),
        (lambda file: file.unlink(), "overview.json is missing"),
        (lambda file: file.with_name("stray.json").touch(), "stray.json has no source"),
    ],
)
def test_a_file_that_is_not_is_told(
    tmp_path: Path, change: Callable[[Path], object], complaint: str
) -> None:
    write(tmp_path)
    change(tmp_path / "overview.json")
    assert outdated(tmp_path) == [complaint]


@by_dashboard
def test_annotations_tell_of_deployments_scaling_chaos_and_alerts(document: Grafana) -> None:
    *marks, alerts = document["annotations"]["list"]
    assert [query["target"]["tags"] for query in marks] == [["deploy"], ["scale"], ["chaos"]]
    assert {query["datasource"]["uid"] for query in marks} == {"-- Grafana --"}
    assert alerts["expr"] == 'ALERTS{alertstate="firing",severity=~"page|ticket"}'


@by_dashboard
def test_it_leads_to_the_others_and_to_the_console(document: Grafana) -> None:
    others, *places = document["links"]
    assert (others["type"], others["tags"], others["keepTime"]) == ("dashboards", ["pharos"], True)
    assert [place["title"] for place in places] == ["Console", "Runbooks", "Logs"]
    assert all(place["url"].startswith("${console}/") for place in places)


def test_times_of_requests_show_exemplars_and_lead_to_the_logs() -> None:
    shown = [panel for panel in panels_of("api") if panel["title"].startswith(("Latency", "p99"))]
    assert len(shown) == 3
    for panel in shown:
        assert all(target["exemplar"] for target in panel["targets"])
        assert panel["fieldConfig"]["defaults"]["links"][0]["url"].startswith("${console}/logs")


def test_what_is_empty_on_a_quiet_day_says_what_fills_it() -> None:
    repeats = next(panel for panel in panels_of("events") if panel["title"] == "Repeats")
    assert repeats["description"].endswith("Empty until a client has sent an event twice.")


@by_dashboard
def test_panels_have_ids_of_their_own_and_do_not_overlap(document: Grafana) -> None:
    panels = document["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for one, other in combinations([panel["gridPos"] for panel in panels], 2):
        assert (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        )


@by_panel
def test_every_query_parses_and_has_a_legend_of_its_own(panel: Grafana) -> None:
    for target in panel["targets"]:
        assert nodes(parsed(target["expr"]))
    legends = [target["legendFormat"] for target in panel["targets"]]
    assert all(legends)
    assert len(set(legends)) == len(legends)
