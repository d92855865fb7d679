"""Every field of our log lines, declared once: its name, its type, and whose it is.

Processes of ours write these and no others, the gateway's access log too. The
index mapping of the log store is made from this table, and a search may name
each of them. Names and types of those that are not marked `custom` are the
Elastic Common Schema's (8.11, https://www.elastic.co/guide/en/ecs/8.11/); custom
ones live under `pharos.`, which it leaves to us.
"""

from dataclasses import dataclass
from enum import StrEnum

ECS_VERSION = "8.11.0"


class Type(StrEnum):
    """A type of the schema; what JSON holds for it is in `JSON_TYPES`."""

    DATE = "date"
    KEYWORD = "keyword"
    WILDCARD = "wildcard"
    TEXT = "match_only_text"
    LONG = "long"


JSON_TYPES: dict[Type, type] = {
    Type.DATE: str,
    Type.KEYWORD: str,
    Type.WILDCARD: str,
    Type.TEXT: str,
    Type.LONG: int,
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a line; `searched` ones are looked through by a search's plain words."""

    name: str
    type: Type
    meaning: str
    searched: bool = False

    @property
    def custom(self) -> bool:
        """True where the schema does not know it."""
        return self.name.startswith("pharos.")

    @property
    def whole(self) -> str:
        """The name by which the log store finds any part of the value.

        A text is indexed by its words; beside it, `NAME.whole` is a wildcard
        sub-field, which a search looks through.
        """
        return f"{self.name}.whole" if self.type is Type.TEXT else self.name


def _keyword(name: str, meaning: str, *, searched: bool = False) -> Field:
    return Field(name, Type.KEYWORD, meaning, searched)


def _long(name: str, meaning: str) -> Field:
    return Field(name, Type.LONG, meaning)


_EVERY_LINE = (
    Field("@timestamp", Type.DATE, "when the line was written: UTC, microseconds, ends with Z"),
    _keyword("ecs.version", "the schema's version"),
    _keyword("log.level", "debug, info, warning, error or critical"),
    Field("message", Type.TEXT, "what happened, in words", searched=True),
    _keyword("log.logger", "the module that wrote it"),
    _keyword("service.name", "the kind of process: see `SERVICES`"),
    _keyword("service.node.name", "the one process of that kind: a replica, a drill's run"),
    _keyword("service.version", "the release"),
    _long("process.pid", "the process on its host"),
)
_IDENTITY = (
    _keyword("http.request.id", "one request's whole way, to the worker", searched=True),
    _keyword("trace.id", "the W3C trace that the work belongs to", searched=True),
    _keyword("span.id", "the span within it"),
)
_OCCURRENCE = (
    _keyword("event.action", "what was done, in one word"),
    _keyword("event.outcome", "success, failure or unknown"),
    _long("event.duration", "how long it took, in nanoseconds; it ended at @timestamp"),
    _keyword("event.id", "an event's key", searched=True),
    _long("event.sequence", "its place in its user's order"),
    _keyword("user.id", "a user's random id; names and addresses are never written", searched=True),
    _keyword("http.request.method", "as asked; unknown ones are _OTHER"),
    _long("http.request.body.bytes", "size of what was sent to us"),
    _long("http.response.status_code", "the answer's status; 499 when nobody waited for it"),
    _long("http.response.body.bytes", "size of the answer"),
    _keyword("http.version", "the protocol"),
    Field("url.path", Type.WILDCARD, "path asked for, without its query", searched=True),
    _keyword("user_agent.original", "what the client calls itself"),
    _keyword("client.address", "the caller's network: the last byte is cut off"),
    _keyword("error.type", "the exception's class", searched=True),
    Field("error.message", Type.TEXT, "what it said", searched=True),
    Field("error.stack_trace", Type.WILDCARD, "where it came from", searched=True),
    _keyword("error.id", "the event that the error tracker has of it", searched=True),
)
_CUSTOM = (
    _keyword("pharos.route", "the route's template, or the gateway's name of its route"),
    _keyword("pharos.cause", "what was behind a failure"),
    _keyword("pharos.signal", "the signal that ended the process"),
    _keyword("pharos.component", "the part of the stack that it is about"),
    _keyword("pharos.run", "the load run or drill that it is about", searched=True),
    _keyword("pharos.fault", "the injected fault that it is about", searched=True),
    _long("pharos.suppressed", "how many lines like this one were left out in a storm"),
    _keyword("pharos.storm", "the words that those lines had in common"),
    _keyword("pharos.fields", "fields that are not declared here, as JSON"),
    _long("pharos.gateway.attempts", "how often the gateway sent the request"),
    _keyword("pharos.gateway.upstream", "the replica that answered it"),
    _long("pharos.gateway.upstream_duration", "how long that took, in nanoseconds"),
    _keyword("pharos.gateway.flags", "Envoy's response flags; - for none"),
    _keyword("pharos.gateway.reason", "Envoy's response code details"),
)

# No process writes these: the shipper puts them in front of every line.
_SHIPPED = (
    _keyword("host.name", "the machine that the line was written on"),
    _keyword("log.file.path", "the file that it was read from"),
)

FIELDS: tuple[Field, ...] = (*_EVERY_LINE, *_IDENTITY, *_OCCURRENCE, *_CUSTOM, *_SHIPPED)
BY_NAME: dict[str, Field] = {field.name: field for field in FIELDS}
LEVELS = ("debug", "info", "warning", "error", "critical")

# `service.name` of everything that writes lines. `drill` is the runner of one, `load` the
# load generator. What starts the others (`deploy.local.launch`) prints plain lines into each
# component's `.out`, since it comes before any log is open.
SERVICES = (
    "gateway", "api", "relay", "worker", "agent", "control", "console", "drill", "load",
    "faultproxy",
)  # fmt: skip
