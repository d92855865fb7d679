"""The generated dashboards keep dashboard-linter's rules, and are what their sources say.

Source of the rules: https://github.com/grafana/dashboard-linter/tree/main/docs/rules
"""

import json
import re
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboards.build import DASHBOARDS, JSON, outdated, write
from tests.contract.signals import nodes, parsed

PROVISIONING = JSON.parent / "provisioning"
DOCUMENTS = {name: json.loads((JSON / f"{name}.json").read_text()) for name in DASHBOARDS}
PANELS = [
    pytest.param(panel, id=f"{name}: {panel['title']}")
    for name, document in DOCUMENTS.items()
    for panel in document["panels"]
    if panel["type"] != "row"
]
Grafana = dict[str, Any]
by_dashboard = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
by_panel = pytest.mark.parametrize("panel", PANELS)


def _variables(document: Grafana) -> dict[str, Grafana]:
    return {variable["name"]: variable for variable in document["templating"]["list"]}


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
def test_the_data_source_is_a_variable(document: Grafana) -> None:
    variable = _variables(document)["datasource"]
    assert (variable["type"], variable["query"]) == ("datasource", "prometheus")
    assert variable["label"] == "Data source"


@by_dashboard
@pytest.mark.parametrize("name", ["job", "instance"])
def test_job_and_instance_take_several_values_or_any(document: Grafana, name: str) -> None:
    variable = _variables(document)[name]
    assert (variable["multi"], variable["includeAll"], variable["allValue"]) == (True, True, ".+")
    assert variable["label"] == name.capitalize()
    assert variable["datasource"]["uid"] == "${datasource}"


@by_dashboard
def test_nobody_edits_it_in_grafana(document: Grafana) -> None:
    assert document["editable"] is False


@by_dashboard
def test_annotations_tell_of_deployments_scaling_and_chaos(document: Grafana) -> None:
    queries = document["annotations"]["list"]
    assert [query["target"]["tags"] for query in queries] == [["deploy"], ["scale"], ["chaos"]]
    assert {query["datasource"]["uid"] for query in queries} == {"-- Grafana --"}


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
def test_a_panel_has_title_description_unit_and_the_chosen_data_source(panel: Grafana) -> None:
    assert panel["title"].strip()
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["datasource"]["uid"] == "${datasource}"


@by_panel
def test_every_query_follows_the_variables(panel: Grafana) -> None:
    for target in panel["targets"]:
        assert target["datasource"]["uid"] == "${datasource}"
        for selector in re.findall(r"\w+\{([^}]*)\}", target["expr"]):
            assert 'job=~"$job"' in selector
            assert 'instance=~"$instance"' in selector


@by_panel
def test_every_query_parses_and_has_a_legend_of_its_own(panel: Grafana) -> None:
    for target in panel["targets"]:
        assert nodes(parsed(target["expr"]))
    legends = [target["legendFormat"] for target in panel["targets"]]
    assert all(legends)
    assert len(set(legends)) == len(legends)


@by_panel
def test_a_rate_looks_back_as_far_as_grafana_says(panel: Grafana) -> None:
    for target in panel["targets"]:
        windows = re.findall(r"\[([^\]]+)\]", target["expr"])
        assert set(windows) <= {"$__rate_interval"}


def test_grafana_is_provisioned_with_our_data_source_and_our_folder() -> None:
    sources = yaml.safe_load((PROVISIONING / "datasources" / "pharos.yaml").read_text())
    providers = yaml.safe_load((PROVISIONING / "dashboards" / "pharos.yaml").read_text())
    assert sources["datasources"][0]["uid"] == "pharos-prometheus"
    assert providers["providers"][0]["allowUiUpdates"] is False
    assert providers["providers"][0]["options"]["path"] == "${PHAROS_DASHBOARDS}"
