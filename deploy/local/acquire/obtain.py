"""Makes programs available: finds them, or downloads and unpacks what is missing."""

import hashlib
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from deploy.local.acquire import apt, folder
from deploy.local.acquire.errors import AcquireError
from deploy.local.acquire.inventory import TREE, Programs, envoy, library_path, missing, present
from deploy.local.acquire.relocate import FONTS_FILE, relocate
from deploy.local.acquire.sources import remedies
from deploy.local.acquire.wanted import BROWSER, BROWSER_EXTRAS, SHIPPER, locate

OWN_SERVERS = re.compile(
    r"erlang-|rabbitmq-server$|redis-(server|tools)$|prometheus(-alertmanager|-(postgres|redis)-exporter)?$"
    r"|postgresql-(client-)?\d+$|libpq5$"
    # Prometheus' own pages consist of these.
    r"|libjs-|fonts-glyphicons"
)
OWN_BROWSER = re.compile(r"chromium|fonts-")
OWN_SHIPPER = re.compile(r"rsyslog")
BROWSER_TREE, SHIPPER_TREE = "browser", "shipper"
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Browser:
    """Chromium, and what its environment must have beyond the caller's."""

    executable: Path
    env: dict[str, str]


@dataclass(frozen=True, slots=True)
class Shipper:
    """rsyslog, its modules' folder, and what its environment must have beyond the caller's."""

    executable: Path
    modules: Path
    env: dict[str, str]


@dataclass(frozen=True, slots=True)
class PackageSet:
    """Packages to get, the tree they go to, and which of what apt names are our programs."""

    tree: str
    packages: Sequence[str]
    own: re.Pattern[str]


def programs(progress: Progress) -> Programs:
    """Return every server program, downloading what neither the machine nor the folder has.

    `progress` gets a line of text a step.

    Raises:
        AcquireError: names everything that cannot be had, and the remedy;
            nothing was started and no half-unpacked tree stays.
    """
    if found := present():
        return found
    if envoy() is None:
        raise AcquireError(remedies(["envoy"]))
    started = time.monotonic()
    size = _get(
        PackageSet(TREE, missing(None), OWN_SERVERS), progress, lambda: present() is not None
    )
    found = present()
    if found is None:
        raise AcquireError(remedies(missing(folder.tree(TREE))))
    return replace(found, downloaded_bytes=size, seconds=time.monotonic() - started)


def browser(progress: Progress) -> Browser:
    """Return Chromium, got in the same way, with a font.

    Raises:
        AcquireError: it cannot be had here; the message says what to do.
    """
    if found := _browser():
        return found
    wanted = PackageSet(BROWSER_TREE, [*BROWSER, *BROWSER_EXTRAS], OWN_BROWSER)
    _get(wanted, progress, lambda: _browser() is not None)
    found = _browser()
    if found is None:
        raise AcquireError(remedies(BROWSER))
    return found


def shipper(progress: Progress) -> Shipper:
    """Return rsyslog with its module for the log store, got in the same way.

    Raises:
        AcquireError: it cannot be had here; the message says what to do.
    """
    if found := present_shipper():
        return found
    wanted = PackageSet(SHIPPER_TREE, ["rsyslog", *SHIPPER], OWN_SHIPPER)
    _get(wanted, progress, lambda: present_shipper() is not None)
    found = present_shipper()
    if found is None:
        raise AcquireError(remedies(SHIPPER))
    return found


def present_shipper() -> Shipper | None:
    """Return rsyslog without network, lock or delay; None when it is missing."""
    root = folder.tree(SHIPPER_TREE)
    found = locate(SHIPPER["rsyslog-elasticsearch"], root)
    if found is None:
        return None
    executable, modules = found["rsyslogd"], found["omelasticsearch"].parent
    ours = root is not None and executable.is_relative_to(root)
    return Shipper(executable, modules, library_path(root) if root and ours else {})


def _browser() -> Browser | None:
    root = folder.tree(BROWSER_TREE)
    found = locate(BROWSER["chromium"], root)
    if found is None:
        return None
    executable = found["chromium"]
    if root is None or not executable.is_relative_to(root):
        return Browser(executable, {})
    return Browser(executable, library_path(root) | {"FONTCONFIG_FILE": str(root / FONTS_FILE)})


def _get(wanted: PackageSet, progress: Progress, done: Callable[[], bool]) -> int:
    """Download, unpack and publish one set; return the bytes downloaded.

    `done` is asked again once the folder is ours: another `up` may have been faster.
    """
    if not apt.available():
        raise AcquireError(remedies(wanted.packages))
    try:
        with folder.locked() as shelf:
            if done():
                return 0
            with folder.workplace(shelf) as work:
                return _unpack(wanted, work, progress)
    except OSError as error:
        raise AcquireError(
            f"{folder.release_folder()}: {error.strerror}; "
            "set PHAROS_SERVERS to a folder that you can write"
        ) from error


def _unpack(wanted: PackageSet, work: Path, progress: Progress) -> int:
    progress("reading the distribution's package lists")
    source = apt.Apt(work / "apt")
    complaint = source.update()
    resolved = source.resolve(wanted.packages)
    if resolved is None:
        raise AcquireError(_unavailable(source, wanted.packages, complaint))
    packages = apt.needed(resolved, wanted.own, apt.installed())
    downloads = source.downloads(packages)
    size = sum(download.size for download in downloads)
    progress(f"downloading {len(downloads)} packages, {size / 1e6:.0f} MB")
    archives, root = work / "archives", work / "root"
    archives.mkdir()
    root.mkdir()
    source.fetch(packages, archives)
    progress(f"unpacking into {folder.release_folder()}")
    apt.unpack(sorted(archives.glob("*.deb")), root)
    relocate(root)
    names = "\n".join(sorted(download.file for download in downloads))
    folder.publish(root, wanted.tree, hashlib.sha256(names.encode()).hexdigest()[:12])
    return size


def _unavailable(source: apt.Apt, packages: Sequence[str], complaint: str) -> str:
    lacking = [package for package in packages if source.resolve([package]) is None]
    parts = [remedies(lacking or packages), complaint and f"apt-get update said: {complaint}"]
    return "\n".join(filter(None, parts))
