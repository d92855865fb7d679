"""The engine: Chaos Toolkit's library, told what it must not decide.

It runs on the main thread alone and keeps state in its modules, so it runs
once a process. Undo always runs. Its journal stays in memory; only the
activities' records are taken from it, never its status.
"""

import logging
from typing import Any

from chaoslib.exceptions import ChaosException
from chaoslib.experiment import ensure_experiment_is_valid, run_experiment
from chaoslib.types import Strategy

from chaos.drill import Drill, entered
from chaos.runner.experiments import ExperimentError
from chaos.runner.narrator import Narrator

SETTINGS = {"runtime": {"rollbacks": {"strategy": "always"}}}


def check_runnable(source: dict[str, Any]) -> None:
    """Let the engine check that each activity exists and takes its arguments.

    Raises:
        ExperimentError: one does not.
    """
    try:
        ensure_experiment_is_valid(source)
    except ChaosException as error:
        raise ExperimentError(str(error)) from error


def execute(source: dict[str, Any], drill: Drill) -> dict[str, Any]:
    """Run the experiment to its end and return the engine's journal; must be on the main thread."""
    logging.getLogger("chaostoolkit").setLevel(logging.INFO)
    with entered(drill):
        record: dict[str, Any] = run_experiment(
            source,
            settings=SETTINGS,
            strategy=Strategy.DEFAULT,
            event_handlers=[Narrator(drill)],
        )
    return record
