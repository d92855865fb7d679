"""A newcomer's environment is enough: the product runs without the development packages."""

import re
import subprocess
import sys
from importlib.metadata import packages_distributions

import pytest

from deploy.home import PROJECT

# What `./pharos up` starts and what its verbs load.
ENTRANCES = (
    "backend.entrypoints.api",
    "backend.entrypoints.relay",
    "backend.entrypoints.worker",
    "backend.cli",
    "deploy.cli",
    "deploy.local.agent.server",
    "console.cli",
    "console.app",
    "console.control.__main__",
    "chaos.__main__",
    "chaos.traffic.command",
    "alerts.cli",
)
# Raises for a development package exactly what its absence would raise.
WITHOUT = """
import importlib, sys
hidden, entrance = set(sys.argv[1].split(",")), sys.argv[2]
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in hidden:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
importlib.import_module(entrance)
"""


def _locked() -> set[str]:
    text = (PROJECT / "requirements.lock").read_text()
    return {_normal(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", text, re.M)}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _development_modules() -> list[str]:
    runtime = {*_locked(), "pharos", "pip", "setuptools"}
    return sorted(
        module
        for module, distributions in packages_distributions().items()
        if not runtime & {_normal(name) for name in distributions}
    )


def test_the_development_packages_are_known() -> None:
    assert {"pytest", "playwright", "mypy"} <= set(_development_modules())


@pytest.mark.parametrize("entrance", ENTRANCES)
def test_it_runs_without_the_development_packages(entrance: str) -> None:
    hidden = ",".join(_development_modules())
    answer = subprocess.run(
        [sys.executable, "-c", WITHOUT, hidden, entrance],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
