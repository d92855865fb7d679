"""Where each server program is, and what it needs in its environment to run."""

import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from deploy.local.acquire import folder
from deploy.local.acquire.wanted import SERVERS, locate

TREE = "servers"
# Chromium's sound library knows its private folder by an absolute path.
LIBRARY_FOLDERS = ("usr/lib/*-linux-gnu*", "lib/*-linux-gnu*", "usr/lib/*-linux-gnu*/pulseaudio")


@dataclass(frozen=True, slots=True)
class Programs:
    """Paths of the programs; `rabbitmq` is the broker's own folder.

    `downloaded_bytes` and `seconds` tell what getting them took this time.
    """

    postgres: Path
    redis: Path
    erlexec: Path
    rabbitmq: Path
    prometheus: Path
    promtool: Path
    alertmanager: Path
    amtool: Path
    postgres_exporter: Path
    redis_exporter: Path
    envoy: Path
    unpacked: Path | None
    downloaded_bytes: int = 0
    seconds: float = 0.0

    def environment(self, program: Path) -> dict[str, str]:
        """Return what a program's environment must have beyond the caller's.

        Only an unpacked program looks for its libraries in the unpacked tree:
        the machine's own programs were not built against them.
        """
        if self.unpacked is None or not program.is_relative_to(self.unpacked):
            return {}
        return library_path(self.unpacked)

    def shared(self, program: Path, folder: str) -> Path | None:
        """Return the unpacked `usr/share` folder of an unpacked program, else None."""
        if self.unpacked is None or not program.is_relative_to(self.unpacked):
            return None
        return self.unpacked / "usr" / "share" / folder


def library_path(root: Path) -> dict[str, str]:
    """Return LD_LIBRARY_PATH for the programs of one unpacked tree."""
    found = [path for pattern in LIBRARY_FOLDERS for path in sorted(root.glob(pattern))]
    inherited = os.environ.get("LD_LIBRARY_PATH")
    parts = [*map(str, found), *([inherited] if inherited else [])]
    return {"LD_LIBRARY_PATH": ":".join(parts)} if parts else {}


def envoy() -> Path | None:
    """Return the gateway's program: it comes as one of the locked Python packages."""
    spec = find_spec("envoy")
    if spec is None or spec.origin is None:
        return None
    program = Path(spec.origin).parent / "_bin" / "envoy"
    return program if program.exists() else None


def missing(unpacked: Path | None) -> list[str]:
    """Return the packages whose programs are neither unpacked nor on the machine."""
    return [package for package, wanted in SERVERS.items() if locate(wanted, unpacked) is None]


def assemble(unpacked: Path | None) -> Programs | None:
    """Return all programs, or None when one is missing."""
    found: dict[str, Path | None] = {"envoy": envoy()}
    for wanted in SERVERS.values():
        found.update(locate(wanted, unpacked) or dict.fromkeys([wanted[0].name]))
    paths = {name: path for name, path in found.items() if path is not None}
    if len(paths) < len(found):
        return None
    return Programs(unpacked=unpacked, downloaded_bytes=0, seconds=0.0, **paths)


def present() -> Programs | None:
    """Return the programs without network, lock or delay; None when one is missing."""
    return assemble(folder.tree(TREE))
