"""The folder of unpacked programs: one tree a set of packages, published atomically.

`FOLDER/CODENAME-ARCH/NAME-DIGEST/` is a tree; the symbolic link `NAME` beside it
names the one in use. A tree is built under a name that ends in `.partial` and
renamed when it is whole, so that an interrupted `up` leaves nothing that could
be mistaken for one, and a running stack keeps the tree that it was started from.
"""

import fcntl
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PARTIAL = ".partial"
# Another user may have to run a program (PostgreSQL's, when root starts the stack).
READABLE = 0o755


def servers_folder() -> Path:
    """Return the folder that all stacks of the calling user share."""
    chosen = os.environ.get("PHAROS_SERVERS")
    if chosen:
        return Path(chosen).expanduser().resolve()
    if os.geteuid() == 0:
        return Path("/var/cache/pharos/servers")
    caches = os.environ.get("XDG_CACHE_HOME")
    return (Path(caches) if caches else Path.home() / ".cache") / "pharos" / "servers"


def release_folder() -> Path:
    """Return the part of the folder that fits this distribution's release and processor."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        release = {}
    name = release.get("VERSION_CODENAME") or release.get("ID") or platform.system().lower()
    return servers_folder() / f"{name}-{platform.machine()}"


def tree(name: str) -> Path | None:
    """Return the published tree of that name, or None."""
    link = release_folder() / name
    return link.resolve() if link.is_dir() else None


@contextmanager
def locked() -> Iterator[Path]:
    """Hold the release's folder for this process alone; remove what a killed one left.

    Raises:
        OSError: the folder cannot be made or written.
    """
    folder = release_folder()
    folder.mkdir(parents=True, exist_ok=True)
    for made in (folder, folder.parent):
        made.chmod(READABLE)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in folder.glob(f"*{PARTIAL}"):
            shutil.rmtree(left)
        yield folder


@contextmanager
def workplace(folder: Path) -> Iterator[Path]:
    """Yield an empty folder beside the trees; nothing of it stays unless it was published."""
    with tempfile.TemporaryDirectory(suffix=PARTIAL, dir=folder) as made:
        yield Path(made)


def publish(built: Path, name: str, digest: str) -> Path:
    """Rename a whole tree into place below `release_folder()` and point `name` at it."""
    folder = release_folder()
    final = folder / f"{name}-{digest}"
    if not final.exists():
        built.chmod(READABLE)
        built.rename(final)
    link = folder / f".{name}.link"
    link.unlink(missing_ok=True)
    link.symlink_to(final.name)
    link.replace(folder / name)
    return final
