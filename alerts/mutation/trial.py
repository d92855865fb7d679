"""Runs a rule's tests against its mutants: those that some test fails with are killed."""

import re
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml

from alerts.mutation.crowd import Crowd
from alerts.mutation.mutants import Mutant
from alerts.mutation.rules import Content, Loaded, Room, files_of
from deploy.local.acquire import Programs
from deploy.local.promtool import promtool

# One rule's mutants share a promtool; as many of these run at once as a small machine has cores.
AT_ONCE = 2
UNPROVED = "its tests fail without any change, see alerts check"
# What promtool says of a rule that it cannot read or evaluate, before it goes no further.
_ENDED = re.compile(r"rule: \S+, time: \S+, err:|could not parse")
# Beneath each file's name promtool says one of these, also of rules that it cannot read.
_RESULTS = {"SUCCESS": True, "FAILED:": False}


class UnprovedError(Exception):
    """A rule cannot be tried: its tests fail unbroken, or promtool did not run them to the end."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one rule's mutants."""

    rule: Loaded
    killed: list[Mutant]
    survived: list[Mutant]


def try_all(room: Room, wanted: dict[str, list[Mutant]], programs: Programs) -> Iterator[Outcome]:
    """Yield each rule's outcome, in the order of the rules.

    Raises:
        UnprovedError: a rule's tests fail as they are, or were not run to their end.
    """
    rules = [rule for rule in room.rules if wanted.get(rule.name)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(lambda rule: _try(room, rule, wanted[rule.name], programs), rules)


def _try(room: Room, rule: Loaded, candidates: list[Mutant], programs: Programs) -> Outcome:
    """Look with the tests that name the rule first; with all of them at those left alive."""
    dead = _noticed(room, rule, candidates, programs)
    alive = [mutant for mutant in candidates if mutant.key not in dead]
    documents = list(room.proofs(rule))
    if alive and documents:
        alive = _left_alive(room, rule, alive, documents, programs)
    dead = {mutant.key for mutant in candidates} - {mutant.key for mutant in alive}
    return Outcome(rule, [m for m in candidates if m.key in dead], alive)


def _noticed(
    room: Room, rule: Loaded, candidates: list[Mutant], programs: Programs
) -> set[tuple[str, str, str]]:
    """Return the keys of those that a test that names the rule fails with.

    All look at a test together, and whoever fails is not there for the next.
    """
    members = {0: rule.content} | {n: m.content for n, m in enumerate(candidates, 1)}
    for document in room.narrow_proofs(rule):
        if len(members) > 1:
            members = _unnoticed(Crowd(room, rule, members), document, programs)
    return {mutant.key for n, mutant in enumerate(candidates, 1) if n not in members}


def _unnoticed(crowd: Crowd, document: Content, programs: Programs) -> dict[int, Content]:
    while True:
        with tempfile.TemporaryDirectory(prefix="pharos-mutants-") as folder:
            test = _write(crowd.files(document), crowd.tests(document), Path(folder) / "test")
            passed, text = _tested(crowd.rule, [test], programs)
        told = crowd.told(text)
        if 0 in told or (not passed and not told):
            raise UnprovedError(f"{crowd.rule.name}: {UNPROVED}")
        crowd = crowd.without(told)
        # A rule that cannot be evaluated ends the test for all: once more, without it.
        if not _ENDED.search(text):
            return crowd.members


def _left_alive(
    room: Room,
    rule: Loaded,
    candidates: list[Mutant],
    documents: list[Content],
    programs: Programs,
) -> list[Mutant]:
    """Return those that no test fails with when each is alone in the place of the rule."""
    with tempfile.TemporaryDirectory(prefix="pharos-mutants-") as folder:
        # The rule as it is goes first: if its tests fail, they can prove nothing.
        contents = [rule.content, *(mutant.content for mutant in candidates)]
        files = [
            _write(
                _replaced(room, rule, content, document),
                {**document, "rule_files": files_of(document)},
                Path(folder) / f"{index}-{number}",
            )
            for index, content in enumerate(contents)
            for number, document in enumerate(documents)
        ]
        passed, _ = _tested(rule, files, programs)
    failed = {int(file.parent.name.partition("-")[0]) for file in files if file not in passed}
    if 0 in failed:
        raise UnprovedError(f"{rule.name}: {UNPROVED}")
    return [mutant for index, mutant in enumerate(candidates, 1) if index not in failed]


def _replaced(
    room: Room, rule: Loaded, content: Content, document: Content
) -> dict[str, list[Content]]:
    needed = room.needed(rule, document)
    return {
        file: [
            content if other is rule else other.content for other in needed if other.file == file
        ]
        for file in files_of(document)
    }


def _write(rules: dict[str, list[Content]], document: Content, folder: Path) -> Path:
    """Write a test document and the rules that it needs; return its path."""
    folder.mkdir()
    for file, own in rules.items():
        # Every rule in one group: they are evaluated in order, as Prometheus' groups are here.
        groups = [{"name": file, "rules": own}] if own else []
        (folder / file).write_text(
            yaml.dump({"groups": groups}, Dumper=yaml.CSafeDumper, sort_keys=False)
        )
    path = folder / "test.yaml"
    path.write_text(yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False))
    return path


def _tested(rule: Loaded, files: list[Path], programs: Programs) -> tuple[set[Path], str]:
    """Return the test files that passed, and what promtool said.

    Raises:
        UnprovedError: it ended before it had a result of each, so nothing is known of the others.
    """
    answer = promtool(programs, "test", "rules", *files)
    results: dict[Path, bool] = {}
    current = Path()
    for line in answer.text.splitlines():
        if line.startswith("Unit Testing:"):
            current = Path(line.removeprefix("Unit Testing:").strip())
        elif line.strip() in _RESULTS:
            results[current] = _RESULTS[line.strip()]
    if untried := len(set(files) - set(results)):
        raise UnprovedError(f"{rule.name}: promtool ended before {untried} of {len(files)} tests")
    return {file for file, passed in results.items() if passed}, answer.text
