"""A search as SQL over lines of text.

Reading JSON is what costs, so a line is first looked at as text for what must
stand in it as it is, and parsed only then. Values of the search are parameters;
nothing of it becomes SQL.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from string import ascii_lowercase, ascii_uppercase

from backend.observability.fields import FIELDS, Field, Type
from deploy.logstore.query import Term
from deploy.logstore.search import Search

AT, LEVEL = "@timestamp", "log.level"
SEARCHED = tuple(each.name for each in FIELDS if each.searched)
# Without it, each condition would be moved below and parse the line for itself once more.
BARRIER = 2**62
CONTAINED = frozenset({Type.TEXT, Type.WILDCARD})

# What every writer of JSON leaves as it is.
_PLAIN_RUN = re.compile(r"[a-z0-9 ._:-]{2,}")
_CASELESS_RUN = re.compile(r"[0-9 ._:-]{4,}")


def stamp(moment: datetime) -> str:
    """Return a time as lines have it: so written, earlier ones sort first."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class Statement:
    """The FROM and WHERE of a search: `f` has the values of `names` as text, `line` all of it."""

    search: Search
    names: list[str] = field(default_factory=lambda: [AT, LEVEL])
    values: list[object] = field(default_factory=list)

    def source(self, lines: str) -> str:
        """Return `(SELECT line, f …) WHERE …` over `lines`, a table with the column `line`."""
        first, first_values = self._conditions(self._as_text())
        then, then_values = self._conditions(self._as_fields())
        paths = ", ".join(f"'$.\"{name}\"'" for name in self.names)
        self.values = [*first_values, *then_values]
        return (
            f"(SELECT line, json_extract_string(TRY_CAST(line AS JSON), [{paths}]) AS f "  # noqa: S608
            f"FROM {lines} WHERE {first} LIMIT {BARRIER}) WHERE {then}"
        )

    def value(self, name: str) -> str:
        """Return the SQL of a field's value: text, or null."""
        if name not in self.names:
            self.names.append(name)
        return f"f[{self.names.index(name) + 1}]"

    @staticmethod
    def _conditions(found: Iterator[tuple[str, list[object]]]) -> tuple[str, list[object]]:
        conditions = list(found)
        words = " AND ".join(sql for sql, _ in conditions) or "true"
        return words, [value for _, values in conditions for value in values]

    def _as_text(self) -> Iterator[tuple[str, list[object]]]:
        for given in (self.search.request_id, self.search.trace_id):
            if given:
                yield "contains(line, ?)", [given]
        for term in self.search.terms:
            if term.negated or term.presence:
                continue
            if caseless := max(_CASELESS_RUN.findall(term.text), key=len, default=""):
                yield "contains(line, ?)", [caseless]
            elif plain := max(_PLAIN_RUN.findall(term.text), key=len, default=""):
                yield "contains(lower(line), ?)", [plain]

    def _as_fields(self) -> Iterator[tuple[str, list[object]]]:
        search, at = self.search, self.value(AT)
        yield f"{at} IS NOT NULL", []
        if search.since:
            yield f"{at} >= ?", [stamp(search.since)]
        if search.until:
            yield f"{at} < ?", [stamp(search.until)]
        if search.level:
            yield f"list_contains(?, {self.value(LEVEL)})", [list(search.levels)]
        if search.component:
            named = (self.value("service.name"), self.value("service.node.name"))
            yield f"(? = {named[0]} OR ? = {named[1]})", [search.component] * 2
        if search.request_id:
            yield f"{self.value('http.request.id')} = ?", [search.request_id]
        if search.trace_id:
            yield f"{self.value('trace.id')} = ?", [search.trace_id]
        for term in search.terms:
            yield self._term(term)

    def _term(self, term: Term) -> tuple[str, list[object]]:
        negation = "NOT " if term.negated else ""
        if term.presence and term.field:
            return f"{negation}({self.value(term.field.name)} IS NOT NULL)", []
        condition, values = self._holds(term)
        return f"{negation}coalesce({condition}, false)", values

    def _holds(self, term: Term) -> tuple[str, list[object]]:
        if term.field is None:
            values = ", ".join(self.value(name) for name in SEARCHED)
            return f"contains({_lower(f'concat_ws(chr(10), {values})', term)}, ?)", [term.text]
        value = _lower(self.value(term.field.name), term)
        if is_contained(term.field):
            return f"contains({value}, ?)", [term.text]
        return f"{value} = ?", [term.text]


def is_contained(field: Field) -> bool:
    """Return whether a condition on this field asks for a part of its value."""
    return field.type in CONTAINED


def _lower(sql: str, term: Term) -> str:
    """Return the SQL of a value in lower case; only A to Z are, as in the other store."""
    if term.text.isascii():
        return f"lower({sql})"
    return f"translate({sql}, '{ascii_uppercase}', '{ascii_lowercase}')"
