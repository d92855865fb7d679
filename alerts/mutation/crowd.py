"""Puts all mutants of a rule into the same tests, side by side, each under a name of its own.

The samples of a test cost more than the rules that look at them, so a hundred
mutants beside one another are hardly dearer than one.
"""

import re
from dataclasses import dataclass
from typing import Any

from alerts.mutation.rules import Content, Loaded, Room, files_of, own_name

# The annotation that the conventions want the value in.
TELLING = "summary"


@dataclass(frozen=True, slots=True)
class Crowd:
    """One rule many times: `members` has what it says by number, 0 as it is unbroken."""

    room: Room
    rule: Loaded
    members: dict[int, Content]

    def without(self, numbers: set[int]) -> "Crowd":
        """Return the others."""
        left = {n: content for n, content in self.members.items() if n not in numbers}
        return Crowd(self.room, self.rule, left)

    def files(self, document: Content) -> dict[str, list[Content]]:
        """Return the rules that a test document needs, by the file that they are in."""
        needed = self.room.needed(self.rule, document)
        return {
            file: [content for rule in needed if rule.file == file for content in self._many(rule)]
            for file in files_of(document)
        }

    def tests(self, document: Content) -> Content:
        """Return the document with each of its cases once a member."""
        tests = [
            {
                **test,
                "alert_rule_test": [
                    self._expecting(case, number)
                    for case in test["alert_rule_test"]
                    for number in self.members
                ],
                "promql_expr_test": [
                    self._asking(case, number)
                    for case in test["promql_expr_test"]
                    for number in self.members
                ],
            }
            for test in document["tests"]
        ]
        return {**document, "rule_files": files_of(document), "tests": tests}

    def told(self, text: str) -> set[int]:
        """Return the numbers of the members of which promtool has something to say."""
        found = re.findall(rf"{re.escape(own_name(self.rule))}:(\d+)\b", text)
        return {int(number) for number in found}

    def _many(self, rule: Loaded) -> list[Content]:
        """Return a rule as it is, and once a member if it bears the same name as the broken one."""
        if own_name(rule) != own_name(self.rule):
            return [rule.content]
        kind = "alert" if "alert" in rule.content else "record"
        copies = (
            _brief({**(content if rule is self.rule else rule.content), kind: self._named(number)})
            for number, content in self.members.items()
        )
        return [rule.content, *copies]

    def _expecting(self, case: Content, number: int) -> Content:
        expected = [_brief(alert, "exp_annotations") for alert in case["exp_alerts"]]
        return {**case, "alertname": self._named(number), "exp_alerts": expected}

    def _asking(self, case: Content, number: int) -> Content:
        samples: list[dict[str, Any]] = case.get("exp_samples", [])
        return {
            **case,
            "expr": self._renamed(case["expr"], number),
            "exp_samples": [
                {**sample, "labels": self._renamed(sample["labels"], number)} for sample in samples
            ],
        }

    def _renamed(self, text: str, number: int) -> str:
        name = re.escape(own_name(self.rule))
        return re.sub(rf"(?<![\w:]){name}(?![\w:])", self._named(number), text)

    def _named(self, number: int) -> str:
        return f"{own_name(self.rule)}:{number}"


def _brief(content: Content, field: str = "annotations") -> Content:
    """Keep of the annotations what tells the value: no mutant touches the rest, which is dear."""
    if field not in content:
        return content
    return {**content, field: {n: v for n, v in content[field].items() if n == TELLING}}
