"""The `pharos` shell script and the root command."""

import os
import subprocess
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from deploy.command import ENTRY_POINT_GROUP, SUMMARIES
from deploy.home import PROJECT

PHAROS = PROJECT / "pharos"


def _run(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PHAROS, *args], capture_output=True, text=True, env=os.environ | env, check=False
    )


def test_help_lists_every_verb_without_importing_a_room() -> None:
    answer = _run("--help")
    assert answer.returncode == 0
    assert all(verb in answer.stdout for verb in SUMMARIES)


def test_every_entry_point_has_a_summary_and_the_other_way_round() -> None:
    assert {point.name for point in entry_points(group=ENTRY_POINT_GROUP)} == set(SUMMARIES)


@pytest.mark.parametrize("verb", sorted(SUMMARIES))
def test_every_verb_answers_for_help(verb: str) -> None:
    answer = _run(verb, "--help")
    assert answer.returncode == 0, answer.stderr
    assert "Usage" in answer.stdout


def test_an_unknown_verb_is_wrong_usage() -> None:
    assert _run("sail").returncode == 2


def test_a_machine_without_python_is_told_the_remedy(tmp_path: Path) -> None:
    for tool in ("sh", "cat", "cksum", "dirname", "readlink", "flock"):
        found = next(
            Path(folder) / tool
            for folder in os.environ["PATH"].split(":")
            if (Path(folder) / tool).exists()
        )
        (tmp_path / tool).symlink_to(found)
    clone = tmp_path / "clone"
    clone.mkdir()
    for name in ("pharos", "pyproject.toml", "requirements.lock"):
        (clone / name).write_bytes((PROJECT / name).read_bytes())
    (clone / "pharos").chmod(0o755)
    answer = subprocess.run(
        [clone / "pharos", "status"],
        capture_output=True,
        text=True,
        env={"PATH": str(tmp_path)},
        check=False,
    )
    assert answer.returncode == 3
    assert answer.stderr.startswith("pharos: needs Python 3.11")
    assert len(answer.stderr.splitlines()) == 1
