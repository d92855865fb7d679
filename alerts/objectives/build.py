"""Writes the rules and tests that follow from `slos.yaml`, and tells whether they are current."""

import os
from pathlib import Path
from typing import Any

import yaml

from alerts.objectives.burning import burning_group
from alerts.objectives.model import Slo
from alerts.objectives.proofs import proofs
from alerts.objectives.recordings import recording_groups
from alerts.rulebook import ROOM, Group, RuleFile

MARK = "# Generated from alerts/slos.yaml by `./pharos alerts build`: do not edit.\n"


def generated(slos: list[Slo]) -> dict[Path, str]:
    """Return the text of each generated file by its place in the room."""
    rules = {**recording_groups(slos), "slo-burning.yaml": [burning_group(slos)]}
    files = {Path("rules") / name: _rules(groups) for name, groups in rules.items()}
    return files | {Path("tests") / name: _text(test) for name, test in proofs(slos).items()}


def write(files: dict[Path, str], room: Path = ROOM) -> list[Path]:
    """Replace the files, each in one rename, and return those that changed.

    Generated files that no objective makes any more are removed.

    Raises:
        OSError: a file cannot be written; then all are as they were.
    """
    changed = [place for place, text in files.items() if _differs(room / place, text)]
    fresh = {place: (room / place).with_name(f".{place.name}.{os.getpid()}") for place in changed}
    try:
        for place, new in fresh.items():
            new.write_text(files[place])
    except OSError:
        for new in fresh.values():
            new.unlink(missing_ok=True)
        raise
    for place, new in fresh.items():
        new.replace(room / place)
    left = _left_over(files, room)
    for place in left:
        (room / place).unlink()
    return [*changed, *left]


def outdated(files: dict[Path, str], room: Path = ROOM) -> list[str]:
    """Return a sentence for each generated file that is not what `slos.yaml` says."""
    differing = [place for place, text in files.items() if _differs(room / place, text)]
    return [
        f"{place} is not what alerts/slos.yaml says: run ./pharos alerts build"
        for place in [*differing, *_left_over(files, room)]
    ]


def _left_over(files: dict[Path, str], room: Path) -> list[Path]:
    marked = [
        path.relative_to(room)
        for folder in ("rules", "tests")
        for path in sorted((room / folder).glob("*.yaml"))
        if path.read_text().startswith(MARK)
    ]
    return [place for place in marked if place not in files]


def _differs(path: Path, text: str) -> bool:
    return not path.exists() or path.read_text() != text


class _Blocks(yaml.SafeDumper):
    """Writes texts of several lines as they are read."""


def _represent(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Blocks.add_representer(str, _represent)


def _rules(groups: list[Group]) -> str:
    file = RuleFile(groups=groups)
    return _text(file.model_dump(mode="json", by_alias=True, exclude_defaults=True))


def _text(content: dict[str, Any]) -> str:
    return MARK + yaml.dump(content, Dumper=_Blocks, sort_keys=False, width=10_000)
