"""Rules and promtool tests as they lie in the room, and as much of them as one rule needs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from alerts.rulebook import ROOM

Content = dict[str, Any]
_NAME = re.compile(r"[A-Za-z_:][\w:]*")


class _Loader(yaml.CSafeLoader):
    """Takes `0x30`, promtool's way to say thirty zeros, for the text that it is."""


_INTEGER = "tag:yaml.org,2002:int"
_Loader.yaml_implicit_resolvers = {
    first: [resolver for resolver in resolvers if resolver[0] != _INTEGER]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_INTEGER, re.compile(r"[-+]?(?:0|[1-9]\d*)$"), list("-+0123456789"))


@dataclass(frozen=True, slots=True)
class Loaded:
    """One rule of a file, as it is written."""

    file: str
    content: Content

    @property
    def name(self) -> str:
        """Its own: the alert with its severity, or the series with the labels that it is given."""
        labels: dict[str, str] = self.content.get("labels", {})
        if "alert" in self.content:
            severity = labels.get("severity")
            return f"{own_name(self)} ({severity})" if severity else own_name(self)
        inside = ",".join(f'{label}="{value}"' for label, value in labels.items())
        return f"{own_name(self)}{{{inside}}}" if inside else own_name(self)

    @property
    def expr(self) -> str:
        return str(self.content["expr"]).strip()


@dataclass(frozen=True, slots=True)
class Room:
    """All rules, and all test documents by name; each names the rule files that it loads."""

    rules: list[Loaded]
    tests: dict[str, Content]

    @classmethod
    def load(cls, room: Path = ROOM) -> "Room":
        rules = [
            Loaded(path.name, rule)
            for path in sorted((room / "rules").glob("*.yaml"))
            for group in _read(path)["groups"]
            for rule in group["rules"]
        ]
        tests = {path.name: _read(path) for path in sorted((room / "tests").glob("*.yaml"))}
        return cls(rules, tests)

    def proofs(self, rule: Loaded) -> Iterator[Content]:
        """Yield the test documents that load the rule's file."""
        for document in self.tests.values():
            if rule.file in files_of(document):
                yield document

    def narrow_proofs(self, rule: Loaded) -> Iterator[Content]:
        """Yield each test of them that looks at the rule, without what in it does not."""
        for document in self.proofs(rule):
            for test in document["tests"]:
                if kept := _narrowed(test, rule):
                    yield {**document, "tests": [kept]}

    def needed(self, rule: Loaded, document: Content) -> list[Loaded]:
        """Return the document's rules that the rule or its tests can be touched by, in order."""
        loaded = [other for other in self.rules if other.file in files_of(document)]
        names = _names(rule.expr) | {own_name(rule)} | _asked(document)
        if "ALERTS" in names:  # whose labels may choose any of them
            names |= {own_name(other) for other in loaded if "alert" in other.content}
        while more := {
            name
            for other in loaded
            if own_name(other) in names
            for name in _names(other.expr)
            if name not in names
        }:
            names |= more
        return [other for other in loaded if other is rule or own_name(other) in names]


def _read(path: Path) -> Content:
    content: Content = yaml.load(path.read_text(), Loader=_Loader)  # noqa: S506  a safe one
    return content


def files_of(document: Content) -> list[str]:
    """Return the names of the rule files that a test document loads."""
    return [Path(file).name for file in document["rule_files"]]


def own_name(rule: Loaded) -> str:
    """Return the alert, or the series: rules that differ in labels alone share it."""
    return str(rule.content.get("alert") or rule.content["record"])


def _narrowed(test: Content, rule: Loaded) -> Content | None:
    """Return a test with the cases that name the rule, or None if it has none."""
    own = own_name(rule)
    kept = {
        "alert_rule_test": [
            case for case in test.get("alert_rule_test", []) if case["alertname"] == own
        ],
        "promql_expr_test": [
            case
            for case in test.get("promql_expr_test", [])
            # Whole incidents look at ALERTS: dear, and of use where nothing else has noticed.
            if own in (names := _names(case["expr"])) and "ALERTS" not in names
        ],
    }
    return {**test, **kept} if any(kept.values()) else None


def _asked(document: Content) -> set[str]:
    """Return the names that a document's tests look at."""
    names: set[str] = set()
    for test in document["tests"]:
        names |= {case["alertname"] for case in test.get("alert_rule_test", [])}
        for case in test.get("promql_expr_test", []):
            names |= _names(case["expr"])
    return names


def _names(expression: str) -> set[str]:
    return set(_NAME.findall(expression))
