"""The text of a search: `timeout "no free connection" level:error -path:/v1/users`.

Every word must occur; in any of the searched fields of the table, as a part of
the value, and the case of the letters A to Z does not matter. A phrase in
quotes is one such word; in it `\\"` is a quote and `\\\\` a backslash.
`field:value` asks one field: keywords and numbers are equal to the value, texts
and paths contain it, and `field:*` holds where the field is there. A `-` before
any of them: the lines that it does not hold for. No character is special
otherwise.
"""

import difflib
import re
from dataclasses import dataclass

from backend.observability.fields import BY_NAME, Field
from deploy.logstore.errors import QueryError

MAX_TEXT = 1_000
MAX_TERMS = 20
ANY = "*"

ALIASES = {
    "level": "log.level",
    "logger": "log.logger",
    "service": "service.name",
    "node": "service.node.name",
    "action": "event.action",
    "event": "event.id",
    "user": "user.id",
    "request": "http.request.id",
    "trace": "trace.id",
    "method": "http.request.method",
    "status": "http.response.status_code",
    "route": "pharos.route",
    "path": "url.path",
    "error": "error.type",
    "run": "pharos.run",
}

_FIELD = re.compile(r"([@A-Za-z][\w.@]*):(?!//)")
_BARE = re.compile(r"[^\s\"]+")


@dataclass(frozen=True, slots=True)
class Term:
    """One condition: `text` in lower case (A to Z), in any searched field or in `field` alone."""

    text: str
    field: Field | None = None
    negated: bool = False

    @property
    def presence(self) -> bool:
        """True for `field:*`."""
        return self.field is not None and self.text == ANY


def lower(text: str) -> str:
    """Return `text` with A to Z in lower case, and nothing else changed: as the stores compare."""
    return "".join(chr(ord(letter) + 32) if "A" <= letter <= "Z" else letter for letter in text)


def parse(text: str) -> tuple[Term, ...]:
    """Return the conditions of a search's text, which all must hold.

    Raises:
        QueryError: with the position, from 1, and the remedy.
    """
    if len(text) > MAX_TEXT:
        raise QueryError(f"the search is longer than {MAX_TEXT} characters: shorten it")
    terms, place = [], 0
    while (place := _past_blanks(text, place)) < len(text):
        term, place = _term(text, place)
        terms.append(term)
    if len(terms) > MAX_TERMS:
        raise QueryError(f"the search has more than {MAX_TERMS} conditions: leave some out")
    return tuple(terms)


def _past_blanks(text: str, place: int) -> int:
    while place < len(text) and text[place].isspace():
        place += 1
    return place


def _term(text: str, start: int) -> tuple[Term, int]:
    negated = text[start] == "-"
    place = start + negated
    field = None
    if named := _FIELD.match(text, place):
        field = _field(named[1], place + 1)
        place = named.end()
    value, end = _value(text, place)
    if not value:
        before = text[start:place]
        what = f"nothing stands after {before}" if before else "the quotes hold nothing"
        raise QueryError(what, start + 1)
    return Term(lower(value), field, negated), end


def _field(name: str, position: int) -> Field:
    known = BY_NAME.get(ALIASES.get(name.lower(), name.lower()))
    if known:
        return known
    near = difflib.get_close_matches(name.lower(), [*ALIASES, *BY_NAME], 1)
    meant = f", did you mean {near[0]}?" if near else "."
    raise QueryError(
        f"no field is called {name}{meant} Put it into quotes to search for the text", position
    )


def _value(text: str, place: int) -> tuple[str, int]:
    if text[place : place + 1] == '"':
        return _quoted(text, place)
    bare = _BARE.match(text, place)
    return (bare[0], bare.end()) if bare else ("", place)


def _quoted(text: str, start: int) -> tuple[str, int]:
    letters: list[str] = []
    place = start + 1
    while place < len(text):
        if text[place] == '"':
            return "".join(letters), place + 1
        if text[place] == "\\" and text[place + 1 : place + 2] in {'"', "\\"}:
            place += 1
        letters.append(text[place])
        place += 1
    raise QueryError("this quote is never closed: add one at the end", start + 1)
