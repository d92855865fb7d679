"""A machine made of files: a tree with its programs, and stand-ins for apt and dpkg on PATH."""

import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local.acquire import wanted
from deploy.local.acquire.relocate import COMPILED_IN

ALERTMANAGER = next(iter(COMPILED_IN))
PACKAGES = {
    "postgresql-15": ["usr/lib/postgresql/15/bin/postgres"],
    "redis-server": ["usr/bin/redis-server"],
    "erlang-base": ["usr/lib/erlang/erts-13.1.5/bin/erlexec"],
    "rabbitmq-server": ["usr/lib/rabbitmq/lib/rabbitmq_server-3.10.8/sbin/rabbitmq-server"],
    "prometheus": ["usr/bin/prometheus", "usr/bin/promtool"],
    "prometheus-alertmanager": [ALERTMANAGER, "usr/bin/amtool"],
    "prometheus-postgres-exporter": ["usr/bin/prometheus-postgres-exporter"],
    "prometheus-redis-exporter": ["usr/bin/prometheus-redis-exporter"],
    "libjemalloc2": ["usr/lib/x86_64-linux-gnu/libjemalloc.so.2"],
}
META = ["postgresql", "adduser", "libc6", "libpam0g", "libssl3"]

APT = """#!/bin/sh
echo "$@" >>"$MACHINE/apt.calls"
case "$*" in
*" update") exit 0 ;;
*" -s "*) cat "$MACHINE/unknown" 2>/dev/null | while read -r name; do
        case " $* " in *" $name "*) echo "E: Unable to locate package $name" >&2; exit 100 ;; esac
    done || exit 100
    case " $* " in *" postgresql "*) unasked=none ;; *) unasked=postgresql ;; esac
    sed "/$unasked/d; s/.*/Inst & (1.0 Debian [amd64])/" "$MACHINE/closure" ;;
*" --print-uris "*) for package; do
        [ -e "$MACHINE/packages/$package" ] || continue
        echo "'http://x/$package' ${package}_1.0_amd64.deb 1000 SHA256:0"
    done ;;
*" download "*) [ ! -e "$MACHINE/offline" ] || { echo "E: Failed to fetch" >&2; exit 100; }
    for package; do
        [ -e "$MACHINE/packages/$package" ] || continue
        cp "$MACHINE/packages/$package" "${package}_1.0_amd64.deb"
    done ;;
esac
"""
DPKG = """#!/bin/sh
while read -r file; do
    mkdir -p "$3/$(dirname "$file")"
    printf 'binary /usr/share/prometheus/alertmanager end' >"$3/$file"
done <"$2"
"""
DPKG_QUERY = '#!/bin/sh\nprintf "ii  libssl3\\nii  libc6\\nii  adduser\\nrc  libjemalloc2\\n"\n'


@dataclass(frozen=True)
class Machine:
    """`root` stands for `/`; `shelf` is the folder of unpacked programs."""

    root: Path
    shelf: Path

    def install(self, *packages: str) -> None:
        """Put the programs of packages where the distribution puts them."""
        for package in packages:
            for file in PACKAGES[package]:
                (self.root / file).parent.mkdir(parents=True, exist_ok=True)
                (self.root / file).touch()

    def lacks(self, *packages: str) -> None:
        """Make the package sources not know these."""
        (self.root / "unknown").write_text("".join(f"{package}\n" for package in packages))

    def calls(self) -> list[str]:
        """Return the command lines that apt was given."""
        file = self.root / "apt.calls"
        return file.read_text().splitlines() if file.exists() else []


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A bare machine with apt; its gateway is the one of this environment."""
    root = tmp_path / "machine"
    (root / "packages").mkdir(parents=True)
    for package, files in PACKAGES.items():
        (root / "packages" / package).write_text("".join(f"{file}\n" for file in files))
    (root / "closure").write_text("\n".join([*PACKAGES, *META]) + "\n")
    commands = tmp_path / "bin"
    commands.mkdir()
    for name, text in (("apt-get", APT), ("dpkg", DPKG), ("dpkg-query", DPKG_QUERY)):
        (commands / name).write_text(text)
        (commands / name).chmod(stat.S_IRWXU)
    for tool in ("cat", "cp", "sed", "mkdir", "dirname"):
        (commands / tool).symlink_to(shutil.which(tool) or tool)
    monkeypatch.setenv("PATH", str(commands))
    monkeypatch.setenv("MACHINE", str(root))
    monkeypatch.setenv("PHAROS_SERVERS", str(tmp_path / "shelf"))
    monkeypatch.setattr(wanted, "MACHINE", root)
    return Machine(root, tmp_path / "shelf")
