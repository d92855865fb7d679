"""Which programs the stack needs, which package holds each, and where in a tree it lies."""

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MACHINE = Path("/")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One program: `pattern` is a glob below a tree's root, `command` is a name on PATH.

    Where the program needs what lies around it, a link on PATH is not enough:
    `ancestor` says how many folders above the command's real file its own tree
    begins (0 is the folder of that file), and `within` is the glob below it.
    """

    name: str
    pattern: str
    command: str
    ancestor: int | None = None
    within: str = ""

    def below(self, root: Path) -> Path | None:
        """Return the newest match in a tree, or None."""
        return max(root.glob(self.pattern), key=_by_version, default=None)

    def on_path(self) -> Path | None:
        """Return what PATH leads to, or None."""
        found = shutil.which(self.command)
        if found is None or self.ancestor is None:
            return Path(found) if found else None
        root = Path(found).resolve().parents[self.ancestor]
        return max(root.glob(self.within), key=_by_version, default=None) if self.within else root


def _by_version(path: Path) -> tuple[list[int], str]:
    return [int(number) for number in re.findall(r"\d+", str(path))], str(path)


# Package → its programs. A package's programs are taken from one place together,
# since an Erlang of one origin need not run the broker of another.
SERVERS: Mapping[str, Sequence[Wanted]] = {
    "postgresql": (
        Wanted("postgres", "usr/lib/postgresql/*/bin/postgres", "postgres", 0, "postgres"),
    ),
    "redis-server": (Wanted("redis", "usr/bin/redis-server", "redis-server"),),
    "rabbitmq-server": (
        Wanted("erlexec", "usr/lib/erlang/erts-*/bin/erlexec", "erl", 1, "erts-*/bin/erlexec"),
        Wanted("rabbitmq", "usr/lib/rabbitmq/lib/rabbitmq_server-*", "rabbitmq-server", 1),
    ),
    "prometheus": (
        Wanted("prometheus", "usr/bin/prometheus", "prometheus"),
        Wanted("promtool", "usr/bin/promtool", "promtool"),
    ),
    "prometheus-alertmanager": (
        Wanted("alertmanager", "usr/bin/prometheus-alertmanager", "alertmanager"),
        Wanted("amtool", "usr/bin/amtool", "amtool"),
    ),
    "prometheus-postgres-exporter": (
        Wanted("postgres_exporter", "usr/bin/prometheus-postgres-exporter", "postgres_exporter"),
    ),
    "prometheus-redis-exporter": (
        Wanted("redis_exporter", "usr/bin/prometheus-redis-exporter", "redis_exporter"),
    ),
}
# The shipper is of no use without its module for the log store: both from one place.
SHIPPER: Mapping[str, Sequence[Wanted]] = {
    "rsyslog-elasticsearch": (
        Wanted("rsyslogd", "usr/sbin/rsyslogd", "rsyslogd"),
        Wanted(
            "omelasticsearch",
            "usr/lib/*/rsyslog/omelasticsearch.so",
            "rsyslogd",
            1,
            "lib/*/rsyslog/omelasticsearch.so",
        ),
    ),
}
BROWSER: Mapping[str, Sequence[Wanted]] = {
    "chromium": (Wanted("chromium", "usr/lib/chromium/chromium", "chromium"),),
}
# Without one font a page has no text at all.
BROWSER_EXTRAS = ("fonts-dejavu-core",)


def locate(programs: Sequence[Wanted], unpacked: Path | None) -> dict[str, Path] | None:
    """Return where each program of one package is, or None unless one place has them all.

    The unpacked tree comes first, then the machine's own packages (whose
    programs need not be on PATH), then PATH.
    """
    for root in filter(None, (unpacked, MACHINE)):
        found = {wanted.name: wanted.below(root) for wanted in programs}
        if complete := _complete(found):
            return complete
    return _complete({wanted.name: wanted.on_path() for wanted in programs})


def _complete(found: dict[str, Path | None]) -> dict[str, Path] | None:
    paths = {name: path for name, path in found.items() if path is not None}
    return paths if len(paths) == len(found) else None
