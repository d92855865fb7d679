"""The log store's templates against the table of fields, and the containers' files, offline."""

import json
import re
from typing import Annotated, Any, Literal

import pytest
import yaml
from pydantic import BaseModel, ConfigDict, Field

from backend.observability.fields import BY_NAME, FIELDS
from deploy.elk.templates import (
    INDEX,
    MAPPINGS,
    PATTERN,
    POLICY,
    index_template,
    lifecycle,
    mappings,
)
from deploy.home import PROJECT

FOLDER = PROJECT / "deploy" / "elk" / "containers"
# Filebeat's own: where in its file a line stands.
FILEBEAT = {"log.offset"}
STREAM = re.compile(r'data_stream_(type|dataset|namespace) => "([a-z]+)"')


def test_every_field_of_the_table_is_mapped_with_its_type_and_no_other() -> None:
    mapped = mappings()["template"]["mappings"]["properties"]
    assert {name: entry["type"] for name, entry in mapped.items()} == {
        field.name: field.type.value for field in FIELDS
    }


def test_an_unknown_field_or_a_wrong_value_costs_a_line_nothing() -> None:
    assert mappings()["template"]["mappings"]["dynamic"] is False
    settings = index_template(data_stream=True)["template"]["settings"]
    assert settings["index.mapping.ignore_malformed"] is True


def test_no_keyword_is_so_long_that_its_line_is_refused() -> None:
    entries = mappings()["template"]["mappings"]["properties"].values()
    limits = [
        entry["ignore_above"] for entry in entries if entry["type"] in ("keyword", "wildcard")
    ]
    # A character may take four bytes, and a term 32766.
    assert max(limits) * 4 <= 32768
    assert len(limits) > 20


def test_a_store_with_data_streams_gets_the_lifecycle_and_another_neither() -> None:
    real, plain = index_template(data_stream=True), index_template(data_stream=False)
    assert real["template"]["settings"]["index.lifecycle.name"] == POLICY
    assert "data_stream" in real
    assert "data_stream" not in plain
    assert "index.lifecycle.name" not in plain["template"]["settings"]
    assert real["composed_of"] == [MAPPINGS]


def test_lines_leave_after_their_time() -> None:
    phases = lifecycle()["policy"]["phases"]
    assert phases["hot"]["actions"]["rollover"] == {
        "max_age": "1d",
        "max_primary_shard_size": "10gb",
    }
    assert phases["delete"]["actions"] == {"delete": {}}


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Ndjson(Strict):
    target: Literal[""]
    overwrite_keys: Literal[True]
    expand_keys: Literal[True]
    ignore_decoding_error: Literal[True]


class Parser(Strict):
    ndjson: Ndjson


class Input(Strict):
    type: Literal["filestream"]
    id: str
    paths: Annotated[list[str], Field(min_length=1)]
    file_identity: None = Field(alias="file_identity.native")
    parsers: list[Parser]


class DropFields(Strict):
    fields: list[str]
    ignore_missing: bool


class Processor(Strict):
    drop_fields: DropFields


class DiskQueue(Strict):
    max_size: Annotated[str, Field(pattern=r"^\d+(MB|GB)$")]


class LogstashOutput(Strict):
    hosts: Annotated[list[str], Field(min_length=1)]
    authorities: list[str] = Field(alias="ssl.certificate_authorities")


class Filebeat(Strict):
    inputs: list[Input] = Field(alias="filebeat.inputs")
    processors: list[Processor]
    queue: DiskQueue = Field(alias="queue.disk")
    output: LogstashOutput = Field(alias="output.logstash")
    level: Literal["warning"] = Field(alias="logging.level")


def test_filebeats_file_is_what_the_strict_model_knows() -> None:
    read = Filebeat.model_validate(yaml.safe_load((FOLDER / "filebeat.yml").read_text()))
    assert [one.type for one in read.inputs] == ["filestream"]
    # Nothing that our lines need is dropped.
    dropped = {name for one in read.processors for name in one.drop_fields.fields}
    assert not {name for name in BY_NAME if name.partition(".")[0] in dropped}


def _without_words(text: str) -> str:
    """Leave structure alone: no comments, no strings."""
    return re.sub(r'"(\\.|[^"\\])*"', "", re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE))


def test_logstashs_pipeline_is_balanced_and_names_fields_of_the_table() -> None:
    text = (FOLDER / "logstash.conf").read_text()
    structure = _without_words(text)
    assert structure.count("{") == structure.count("}")
    assert structure.count("[") == structure.count("]")
    assert re.findall(r"^(\w+) \{", structure, re.MULTILINE) == ["input", "filter", "output"]
    named = {
        ".".join(re.findall(r"\[([^\]]+)\]", path)) for path in re.findall(r"(?:\[[@\w]+\])+", text)
    }
    assert named - {"@metadata.id"} <= BY_NAME.keys() | FILEBEAT


def test_logstash_writes_to_the_stream_that_the_template_is_for() -> None:
    parts = dict(STREAM.findall((FOLDER / "logstash.conf").read_text()))
    assert f"{parts['type']}-{parts['dataset']}-{parts['namespace']}" == INDEX


def _kibana() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / "kibana.ndjson").read_text().splitlines()]


def test_kibanas_data_view_is_of_our_indices_and_its_searches_refer_to_it() -> None:
    view, *searches = _kibana()
    assert view["attributes"]["title"] == PATTERN
    assert [one["references"][0]["id"] for one in searches] == [view["id"]] * len(searches)


@pytest.mark.parametrize("search", _kibana()[1:], ids=lambda one: one["id"])
def test_a_search_of_kibana_names_fields_of_the_table(search: dict[str, Any]) -> None:
    attributes = search["attributes"]
    source = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
    asked = re.findall(r"([\w.]+) :", source["query"]["query"])
    sorted_by = [name for name, _ in attributes["sort"]]
    assert {*attributes["columns"], *asked, *sorted_by} <= BY_NAME.keys()
