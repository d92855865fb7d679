"""Keeping a component down: a file beside its launch record that the launcher obeys.

The deadline is in the file and is the launcher's to keep, so the component starts
again in time although the node agent is dead; without the file it starts at once.
A supervisor's own stop would last until somebody lifts it.
"""

import json
from pathlib import Path

from deploy.home import Home
from deploy.local.launch import boot_id, held_until, hold_file, uptime
from deploy.local.specs import launch_folder, spec_file


def hold(home: Home, name: str, until: float) -> None:
    """Let a component not start before `until` (seconds since boot); another end replaces it."""
    path = _path(home, name)
    text = json.dumps({"boot": boot_id(), "until": until})
    if path.exists() and path.read_text() == text:
        return
    fresh = path.with_suffix(".holding")
    fresh.write_text(text)
    fresh.replace(path)


def lift(home: Home, name: str) -> None:
    """Let a component start again."""
    _path(home, name).unlink(missing_ok=True)


def holds(home: Home, name: str) -> bool:
    """Return whether a component is held down now."""
    return held_seconds(home, name) > 0


def held_seconds(home: Home, name: str) -> float:
    """Return for how many seconds more a component is held down; 0 when it is not."""
    return max(held_until(_path(home, name), boot_id()) - uptime(), 0.0)


def held_names(home: Home) -> list[str]:
    """Return all that are held down now."""
    names = sorted(path.stem for path in launch_folder(home).glob("*.hold"))
    return [name for name in names if holds(home, name)]


def _path(home: Home, name: str) -> Path:
    return hold_file(spec_file(home, name))
