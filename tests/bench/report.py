"""Writes what a bench measured into BENCHMARKS.md: a section a bench, replaced by its next run."""

import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from deploy.home import PROJECT

FILE = PROJECT / "BENCHMARKS.md"
HEAD = """# Benchmarks

Written by `./pharos bench …` on the machine that each section names. These machines are shared and
noisy: ratios of one run compare, absolute figures do not.
"""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; all columns but the first are figures."""
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def write_section(title: str, text: str, file: Path = FILE) -> None:
    """Put `text` under `## title`, in place of an older one."""
    known = file.read_text() if file.exists() else HEAD
    section = f"## {title}\n{_machine()}\n\n{text.strip()}\n"
    pattern = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    if pattern.search(known):
        file.write_text(pattern.sub(lambda _: section + "\n", known).rstrip() + "\n")
    else:
        file.write_text(f"{known.rstrip()}\n\n{section}")


def _machine() -> str:
    day = datetime.now(UTC).date().isoformat()
    load = os.getloadavg()[0]
    return (
        f"{day}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, load average {load:.1f} at the end."
    )
