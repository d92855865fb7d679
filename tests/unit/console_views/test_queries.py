"""No query of the console can name a metric or a label that does not exist."""

import re

import promql_parser
import pytest

from backend.observability.catalogue import CATALOGUE, HTTP_REQUESTS, OUTBOX_DEPTH, Kind
from console.clients import queries
from console.clients.queries import FOREIGN, QUERIES, Query

OURS = {
    spec.name + part: spec
    for spec in CATALOGUE
    for part in (("_bucket", "_count", "_sum") if spec.kind is Kind.HISTOGRAM else ("",))
}
METRIC = re.compile(r"\b(?:pharos|process|rabbitmq)_\w+")
SELECTOR = re.compile(r"(pharos_\w+)\{([^}]*)\}")


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_query_is_promql_over_metrics_that_exist(query: Query) -> None:
    promql_parser.parse(query.promql)
    named = set(METRIC.findall(query.promql))
    assert named
    assert named <= OURS.keys() | FOREIGN


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_selector_names_labels_that_the_metric_has(query: Query) -> None:
    for name, inside in SELECTOR.findall(query.promql):
        labels = {part.split("=")[0].rstrip("!") for part in inside.split(",")}
        assert labels <= {*OURS[name].label_names, "job", "instance"}


def test_a_label_that_the_metric_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="no label role"):
        queries._series(HTTP_REQUESTS, role='="api"')


def test_a_part_of_what_is_no_histogram_is_refused() -> None:
    with pytest.raises(ValueError, match="no histogram"):
        queries._series(OUTBOX_DEPTH, "_bucket")


def test_every_query_has_its_own_name() -> None:
    assert len({query.name for query in QUERIES}) == len(QUERIES)
