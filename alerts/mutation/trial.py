"""Runs a rule's tests against its mutants: those that some test fails with are killed."""

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from alerts.mutation.mutants import Mutant
from alerts.mutation.rules import Loaded, Room, files_of
from deploy.local.acquire import Programs
from deploy.local.promtool import promtool

# One rule's mutants share a promtool; as many of these run at once as a small machine has cores.
AT_ONCE = 2


class UnprovedError(Exception):
    """A rule cannot be tried: its tests fail, or look at nothing, before anything is broken."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one rule's mutants."""

    rule: Loaded
    killed: list[Mutant]
    survived: list[Mutant]


def try_all(room: Room, wanted: dict[str, list[Mutant]], programs: Programs) -> Iterator[Outcome]:
    """Yield each rule's outcome, in the order of the rules.

    Raises:
        UnprovedError: a rule's tests fail as they are.
    """
    rules = [rule for rule in room.rules if wanted.get(rule.name)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(lambda rule: _try(room, rule, wanted[rule.name], programs), rules)


def _try(room: Room, rule: Loaded, candidates: list[Mutant], programs: Programs) -> Outcome:
    """Look with the tests that name the rule first; with all of them at those left alive."""
    alive = candidates
    for narrow in (True, False):
        documents = list(room.proofs(rule, narrow=narrow))
        if alive and documents:
            alive = _left_alive(room, rule, alive, documents, programs)
    dead = {mutant.key for mutant in candidates} - {mutant.key for mutant in alive}
    return Outcome(rule, [m for m in candidates if m.key in dead], alive)


def _left_alive(
    room: Room,
    rule: Loaded,
    candidates: list[Mutant],
    documents: list[dict[str, Any]],
    programs: Programs,
) -> list[Mutant]:
    with tempfile.TemporaryDirectory(prefix="pharos-mutants-") as folder:
        # The rule as it is goes first: if its tests fail, they can prove nothing.
        contents = [rule.content, *(mutant.content for mutant in candidates)]
        files = [
            _write(room, rule, content, document, Path(folder) / f"{index}-{number}")
            for index, content in enumerate(contents)
            for number, document in enumerate(documents)
        ]
        passed = _passed(promtool(programs, "test", "rules", *files).text)
    failed = {int(file.parent.name.partition("-")[0]) for file in files if str(file) not in passed}
    if 0 in failed:
        raise UnprovedError(f"{rule.name}: its tests fail without any change, see alerts check")
    return [mutant for index, mutant in enumerate(candidates, 1) if index not in failed]


def _write(
    room: Room, rule: Loaded, content: dict[str, Any], document: dict[str, Any], folder: Path
) -> Path:
    """Write a test document with the rules that it needs, one of them changed; return its path."""
    folder.mkdir()
    needed = room.needed(rule, document)
    for file in files_of(document):
        own = [
            content if other is rule else other.content for other in needed if other.file == file
        ]
        # Every rule in one group: they are evaluated in order, as Prometheus' groups are here.
        groups = [{"name": file, "rules": own}] if own else []
        (folder / file).write_text(yaml.safe_dump({"groups": groups}, sort_keys=False))
    path = folder / "test.yaml"
    path.write_text(yaml.safe_dump({**document, "rule_files": files_of(document)}, sort_keys=False))
    return path


def _passed(text: str) -> set[str]:
    """Return the test files of which promtool said SUCCESS."""
    passed, current = set(), ""
    for line in text.splitlines():
        if line.startswith("Unit Testing:"):
            current = line.removeprefix("Unit Testing:").strip()
        elif line.strip() == "SUCCESS":
            passed.add(current)
    return passed
