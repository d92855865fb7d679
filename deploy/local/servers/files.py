"""Writes the servers' generated files."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

OWNER_ONLY = 0o600


def write_config(path: Path, text: str) -> None:
    """Write a generated file atomically, for its owner alone: some of them hold a password."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY), "w") as file:
        file.write(text)
    fresh.replace(path)


def write_yaml(path: Path, document: Mapping[str, Any]) -> None:
    """Write a YAML document as `write_config` does."""
    write_config(path, yaml.safe_dump(dict(document), sort_keys=False))


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write a JSON document as `write_config` does."""
    write_config(path, json.dumps(document, indent=1))
