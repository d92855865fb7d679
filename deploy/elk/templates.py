"""What the log store is told of our lines: mappings from the table of fields, and a lifetime.

Unknown fields are kept with their line and not indexed (`dynamic: false`): with
`true`, one odd line could add fields without end; with `strict` it would be
refused, and a line that says something unexpected is just the one that is
looked for. For the same reason a value of the wrong type spoils only its own
field (`ignore_malformed`), and what is too long is kept, but not indexed.

The lines go to the data stream `logs-pharos-default`. A store without data
streams, such as the test server, gets a plain index of that name. Our template
has a higher priority than Elasticsearch's own for `logs-*-*`.
"""

from typing import Any

from backend.observability.fields import FIELDS, Type

INDEX = "logs-pharos-default"
PATTERN = "logs-pharos-*"
POLICY = MAPPINGS = TEMPLATE = "pharos-logs"
PRIORITY = 500
# Lucene refuses a whole line for a term of more than 32766 bytes.
LONGEST_TERM = 1024
# More than any text of ours but a long stack trace, which is kept and not searched.
LONGEST_TEXT = 8 * LONGEST_TERM


def mapping(type_: Type) -> dict[str, Any]:
    """Return how one type of field is indexed."""
    if type_ is Type.KEYWORD:
        return {"type": type_.value, "ignore_above": LONGEST_TERM}
    if type_ is Type.WILDCARD:
        return {"type": type_.value, "ignore_above": LONGEST_TEXT}
    if type_ is Type.TEXT:
        # What a search for a part of the text looks through: see `Field.whole`.
        return {"type": type_.value, "fields": {"whole": mapping(Type.WILDCARD)}}
    return {"type": type_.value}


def mappings() -> dict[str, Any]:
    """Return the component template: every field of the table, and no other."""
    properties = {field.name: mapping(field.type) for field in FIELDS}
    return {"template": {"mappings": {"dynamic": False, "properties": properties}}}


def index_template(*, data_stream: bool) -> dict[str, Any]:
    """Return the index template; without data streams there is no lifecycle either."""
    settings: dict[str, Any] = {"index.mapping.ignore_malformed": True}
    if data_stream:
        settings["index.lifecycle.name"] = POLICY
    template: dict[str, Any] = {
        "index_patterns": [PATTERN],
        "composed_of": [MAPPINGS],
        "priority": PRIORITY,
        "template": {"settings": settings},
    }
    return template | ({"data_stream": {}} if data_stream else {})


def lifecycle() -> dict[str, Any]:
    """Return the policy: a day or 10 GB an index, and two weeks of them."""
    rollover = {"max_age": "1d", "max_primary_shard_size": "10gb"}
    return {
        "policy": {
            "phases": {
                "hot": {"actions": {"rollover": rollover}},
                "delete": {"min_age": "14d", "actions": {"delete": {}}},
            }
        }
    }
