"""The file from which Prometheus learns the replicas of a role (file_sd)."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from deploy.home import Home


def targets_file(home: Home, job: str) -> Path:
    """Return where the targets of a job are written."""
    return home.run / "prometheus" / f"{job}.json"


def read_targets(path: Path) -> dict[str, str]:
    """Return the targets, instance name → `host:port`, that the file has now."""
    try:
        groups = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return {group["labels"]["instance"]: group["targets"][0] for group in groups}


def write_targets(path: Path, targets: Mapping[str, str]) -> None:
    """Replace the targets: instance name → `host:port`. The same content is not written again."""
    groups = [
        {"targets": [address], "labels": {"instance": instance}}
        for instance, address in sorted(targets.items())
    ]
    text = json.dumps(groups, indent=1)
    if path.exists() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text)
    fresh.replace(path)
