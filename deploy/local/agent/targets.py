"""Which api replicas Prometheus scrapes: all that are planned, without those kept from it."""

import json
from collections.abc import Callable, Collection, Iterable

from deploy.home import Home
from deploy.local.wanted import Seat
from deploy.prometheus.targets import targets_file, write_targets

JOB = "api"
Names = Callable[[], Collection[str]]


class ScrapeTargets:
    """Writes Prometheus' file of the api replicas. Safe to be called by several threads."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._path = targets_file(home, JOB)
        self._kept_away: list[Names] = []

    def leave_out(self, names: Names) -> None:
        """Ask `names` at each writing for replicas that are not to be scraped."""
        self._kept_away.append(names)

    def write(self, seats: Iterable[Seat]) -> None:
        """Bring the file up to date for these seats."""
        away = {name for names in self._kept_away for name in names()}
        write_targets(
            self._path,
            {
                seat.id: f"127.0.0.1:{seat.ops_port(self._home)}"
                for seat in seats
                if seat.role == JOB and seat.id not in away
            },
        )

    def has(self, name: str) -> bool:
        """Return whether the file names this replica."""
        try:
            groups = json.loads(self._path.read_text())
        except FileNotFoundError:
            return False
        return any(group["labels"]["instance"] == name for group in groups)
