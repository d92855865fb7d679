"""The catalogue of drills, as the chaos room prints it; asked again when its files change."""

from pathlib import Path

from console.control.drill_process import CHAOS
from console.control.errors import NotFoundError
from console.control.services.chaos_room import Listed
from console.schemas import Experiment
from deploy.home import PROJECT

FOLDER = PROJECT / "chaos" / "experiments"
Fingerprint = tuple[tuple[str, int, int], ...]


class Experiments:
    def __init__(self, folder: Path = FOLDER, chaos: tuple[str, ...] = CHAOS) -> None:
        self._folder = folder
        self._listed = Listed(("list",), Experiment, self._fingerprint, chaos)

    def all(self) -> list[Experiment]:
        """Return every experiment.

        Raises:
            UnavailableError: the chaos room did not print a list that can be read.
        """
        return self._listed.rows()

    def find(self, name: str) -> Experiment:
        """Return one experiment.

        Raises:
            NotFoundError: there is none of that name; the message lists all.
            UnavailableError: as with `all`.
        """
        known = {experiment.name: experiment for experiment in self.all()}
        if name not in known:
            raise NotFoundError(
                f"There is no experiment {name}: known are {', '.join(known) or 'none'}."
            )
        return known[name]

    def _fingerprint(self) -> Fingerprint:
        files = ((path.name, path.stat()) for path in sorted(self._folder.glob("*.yaml")))
        return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in files)
