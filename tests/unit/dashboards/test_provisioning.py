"""What Grafana is provisioned with keeps its formats; validated offline, no Grafana ran it."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import yaml
from pydantic import BaseModel, ValidationError

from alerts.rulebook import PAGES
from dashboards.build import JSON
from tests.unit.dashboards.provisioning import (
    Alerting,
    ElasticsearchSource,
    PrometheusSource,
    Providers,
    Sources,
)

ROOM = JSON.parent / "provisioning"
FORMATS: dict[str, type[BaseModel]] = {
    "datasources/pharos.yaml": Sources,
    "optional/elasticsearch.yaml": Sources,
    "dashboards/pharos.yaml": Providers,
    "alerting/pharos.yaml": Alerting,
}


def _read(name: str) -> Any:
    return yaml.safe_load((ROOM / name).read_text())


def test_each_file_has_a_format_that_it_is_held_to() -> None:
    there = {str(path.relative_to(ROOM)) for path in ROOM.rglob("*") if path.is_file()}
    assert there == FORMATS.keys()


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_keeps_its_format(name: str) -> None:
    FORMATS[name].model_validate(_read(name))


@pytest.mark.parametrize("name", FORMATS)
def test_a_key_that_grafana_does_not_know_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        FORMATS[name].model_validate({**_read(name), "datasorces": []})


def test_an_option_that_the_data_source_does_not_know_is_refused() -> None:
    document = _read("datasources/pharos.yaml")
    document["datasources"][0]["jsonData"]["scrapeInterval"] = "2s"
    with pytest.raises(ValidationError, match="scrapeInterval"):
        Sources.model_validate(document)


def test_an_exemplar_leads_to_a_page_of_the_console_that_takes_what_it_gives() -> None:
    source = Sources.model_validate(_read("datasources/pharos.yaml")).datasources[0]
    assert isinstance(source, PrometheusSource)
    assert source.uid == "pharos-prometheus"
    for destination in source.options.destinations:
        page, _, query = destination.url.removeprefix("${PHAROS_CONSOLE_URL}/").partition("?")
        assert parse_qs(query).keys() <= PAGES[page]
        # Grafana reads a doubled dollar as one, and fills in the rest at the click.
        assert destination.url.endswith("$${__value.raw}")


def test_logs_are_a_source_only_where_they_are_shipped() -> None:
    source = Sources.model_validate(_read("optional/elasticsearch.yaml")).datasources[0]
    assert isinstance(source, ElasticsearchSource)
    assert "elasticsearch" not in (ROOM / "datasources" / "pharos.yaml").read_text()


def test_every_notification_has_a_contact_point_that_exists() -> None:
    alerting = Alerting.model_validate(_read("alerting/pharos.yaml"))
    names = {point.name for point in alerting.contact_points}
    assert {policy.receiver for policy in alerting.policies} <= names


def test_the_dashboards_come_from_the_folder_that_up_names() -> None:
    provider = Providers.model_validate(_read("dashboards/pharos.yaml")).providers[0]
    assert Path(provider.options.path) == Path("${PHAROS_DASHBOARDS}")
