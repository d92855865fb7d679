"""Fetches packages with apt, and changes nothing of the machine.

Package lists, cache and state are Pharos' own, so no root is needed and a
machine whose lists are old or missing (a fresh container) is no special case.
The sources, keys and proxies are the machine's: apt checks the signatures.
Dependencies are resolved as for an empty machine; then whatever the machine
has is left out, except for the programs themselves.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.acquire.errors import AcquireError

# `dpkg -x` runs no maintainer script: what only such scripts, the system's own
# services or a web page's decoration need would be unpacked for nothing.
LIBRARY = re.compile(
    r"zlib1g$|lib(?!c6$|c-|js-|pam-|perl|python|llvm|z3-|.*-perl$|systemd-shared$)"
)
HOOKS = ("APT::Update::Pre-Invoke", "APT::Update::Post-Invoke", "APT::Update::Post-Invoke-Success")


@dataclass(frozen=True, slots=True)
class Download:
    """One package file: its name, what apt calls it, and its size in bytes."""

    package: str
    file: str
    size: int


class Apt:
    """apt-get with lists, cache and state below `folder`."""

    def __init__(self, folder: Path) -> None:
        self._config = folder / "apt.conf"
        for part in ("lists/partial", "cache/archives/partial", "log"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        (folder / "status").touch()
        self._config.write_text(_configuration(folder))

    def update(self) -> str:
        """Refresh the lists; return apt's complaints, since one dead source need not matter."""
        result = self._run("update")
        return "" if result.returncode == 0 else result.stderr.strip()

    def resolve(self, packages: Sequence[str]) -> list[str] | None:
        """Return the packages with all that they depend on, or None when apt cannot."""
        result = self._run("-s", "--no-install-recommends", "install", *packages)
        if result.returncode != 0:
            return None
        return re.findall(r"^Inst (\S+)", result.stdout, re.MULTILINE)

    def downloads(self, packages: Sequence[str]) -> list[Download]:
        """Return the files that `fetch` will get.

        Raises:
            AcquireError: apt knows no file for one of them.
        """
        output = self._checked("--print-uris", "download", *packages).stdout
        found = re.findall(r"^'[^']*' (\S+) (\d+)", output, re.MULTILINE)
        return [Download(file.split("_")[0], file, int(size)) for file, size in found]

    def fetch(self, packages: Sequence[str], into: Path) -> None:
        """Download the package files; apt refuses what is not signed.

        Raises:
            AcquireError: with apt's own words.
        """
        self._checked("download", *packages, cwd=into)

    def _checked(
        self, *arguments: str, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        result = self._run(*arguments, cwd=cwd)
        if result.returncode != 0:
            raise AcquireError(f"apt-get {arguments[0]} failed: {result.stderr.strip()}")
        return result

    def _run(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        command = ("apt-get", "-q", "-c", str(self._config), *arguments)
        return subprocess.run(
            command,
            cwd=cwd,
            env=os.environ | {"LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
        )


def available() -> bool:
    """Return whether this machine has apt and dpkg."""
    return all(shutil.which(command) for command in ("apt-get", "dpkg", "dpkg-query"))


def installed() -> set[str]:
    """Return the names of the packages that the machine has."""
    command = ("dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${Package}\n")
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {line.split()[1] for line in output.splitlines() if line.startswith("ii")}


def needed(resolved: Iterable[str], own: re.Pattern[str], present: set[str]) -> list[str]:
    """Return what to unpack: packages of our programs, and libraries that the machine lacks."""
    return sorted(
        package
        for package in resolved
        if own.match(package) or (LIBRARY.match(package) and package not in present)
    )


def unpack(archives: Iterable[Path], into: Path) -> None:
    """Unpack package files into one tree.

    Raises:
        AcquireError: with dpkg's own words.
    """
    for archive in archives:
        command = ("dpkg", "-x", str(archive), str(into))
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise AcquireError(f"{archive.name} could not be unpacked: {result.stderr.strip()}")


def _configuration(folder: Path) -> str:
    """The machine's hooks after an update refresh its own caches: they are not for our lists."""
    settings = {
        "Dir::State": folder,
        "Dir::State::lists": folder / "lists",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder / "cache",
        "Dir::Log": folder / "log",
        "Acquire::Languages": "none",
        "Acquire::Retries": "2",
        "APT::Sandbox::User": "root" if os.geteuid() == 0 else "",
    }
    lines = [f"#clear {hook};" for hook in HOOKS]
    lines += [f'{name} "{value}";' for name, value in settings.items() if value != ""]
    return "\n".join(lines) + "\n"
