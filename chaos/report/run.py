"""One run as its report needs it: from the home's folder, or from the control service."""

from dataclasses import dataclass
from pathlib import Path

from chaos.client import ControlClient, ControlError
from chaos.journal import JOURNAL, read_journal, read_verdict
from chaos.runner.experiments import ExperimentError, load
from chaos.schemas import DrillVerdict, Experiment, JournalEntry
from deploy.home import Home


class NoReportError(Exception):
    """There is nothing to report on; the message says why."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run that ended. `experiment` is as it is today, None where it is no more."""

    verdict: DrillVerdict
    journal: list[JournalEntry]
    experiment: Experiment | None


def find_run(run: str, home: Home, client: ControlClient | None) -> Run:
    """Return a run.

    Raises:
        NoReportError: there is none of that name, or it has no verdict yet.
    """
    folder = home.drills / run
    if (folder / JOURNAL).is_file() and Path(run).name == run:
        verdict, journal = read_verdict(folder), read_journal(folder)
    elif client is not None:
        verdict, journal = _asked(run, client)
    else:
        raise NoReportError(f"there is no drill {run} here: `pharos chaos history` lists them")
    if verdict is None:
        raise NoReportError(f"drill {run} has no verdict: it goes on, or its runner died")
    return Run(verdict, journal, _experiment(verdict.experiment))


def _asked(run: str, client: ControlClient) -> tuple[DrillVerdict | None, list[JournalEntry]]:
    try:
        drill = client.drill(run)
    except ControlError as error:
        raise NoReportError(str(error)) from error
    return drill.verdict, drill.journal


def _experiment(name: str) -> Experiment | None:
    try:
        return load(name).experiment
    except ExperimentError:
        return None
