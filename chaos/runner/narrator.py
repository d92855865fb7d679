"""Writes the drill's phases down as the engine goes through them."""

import logging
from typing import Any

from chaoslib.run import RunEventHandler

from chaos.drill import Cause, Drill
from chaos.errors import AbortedError, SkippedError
from chaos.journal import JournalError
from chaos.schemas import Kind

logger = logging.getLogger(__name__)

ERROR = "pharos_error"  # the exception itself, beside the engine's text of it


class Narrator(RunEventHandler):  # type: ignore[misc]
    """Turns the engine's events into lines of the journal.

    The engine swallows what a handler raises, so a journal that cannot be
    written aborts the drill from here.
    """

    def __init__(self, drill: Drill) -> None:
        self._drill = drill
        self._in_method = False

    def start_method(self, experiment: dict[str, Any]) -> None:  # noqa: ARG002
        self._in_method = True

    def method_completed(self, experiment: dict[str, Any], state: Any = None) -> None:  # noqa: ARG002
        self._in_method = False
        self._drill.facts.method_failed = False

    def start_hypothesis_before(self, experiment: dict[str, Any]) -> None:  # noqa: ARG002
        self._drill.facts.take_readings()

    def hypothesis_before_completed(
        self,
        experiment: dict[str, Any],  # noqa: ARG002
        state: dict[str, Any] | None,
        journal: dict[str, Any],  # noqa: ARG002
    ) -> None:
        self._steady(Kind.STEADY_BEFORE, state)

    def start_hypothesis_after(self, experiment: dict[str, Any]) -> None:  # noqa: ARG002
        self._drill.facts.take_readings()

    def hypothesis_after_completed(
        self,
        experiment: dict[str, Any],  # noqa: ARG002
        state: dict[str, Any] | None,
        journal: dict[str, Any],  # noqa: ARG002
    ) -> None:
        self._steady(Kind.STEADY_AFTER, state)

    def activity_completed(self, activity: dict[str, Any], run: dict[str, Any]) -> None:
        """Keep the error with the engine's record, and write a failed step of the method down."""
        error = self._drill.facts.take_error()
        if run.get("status") == "succeeded":
            return
        run[ERROR] = error
        if self._in_method:
            self._drill.facts.method_failed |= activity["type"] == "action"
        if self._in_method and not isinstance(error, AbortedError | SkippedError):
            words = words_of(run)
            self._write(Kind.ACTIVITY_FAILED, f"{activity['name']}: {words}", error=words)

    def _steady(self, kind: Kind, state: dict[str, Any] | None) -> None:
        readings = self._drill.facts.take_readings()
        if state is None:
            return
        state["readings"] = readings
        failed = failed_probe(state)
        if failed is not None and isinstance(failed.get(ERROR), AbortedError):
            return
        met = None if failed is not None and failed["status"] == "failed" else failed is None
        said = {True: "Steady", False: "Not steady", None: "Cannot be seen"}[met]
        self._write(kind, f"{said}: {steady_words(state)}", met=met, readings=readings)

    def _write(self, kind: Kind, message: str, **fields: Any) -> None:
        try:
            self._drill.journal.write(kind, message, **fields)
        except JournalError as error:
            logger.exception("The journal cannot be written")
            self._drill.abort.set(Cause("the journal", str(error)))


def failed_probe(state: dict[str, Any]) -> dict[str, Any] | None:
    """Return the probe that ended the engine's look at the steady state; None when all held."""
    return next((run for run in state["probes"] if not run["tolerance_met"]), None)


def steady_words(state: dict[str, Any]) -> str:
    """Say what the probes saw; the first that did not hold is named."""
    failed = failed_probe(state)
    readings: list[str] = state.get("readings", [])
    if failed is None:
        return "; ".join(readings)
    why = words_of(failed) if failed["status"] == "failed" else "; ".join(readings[-1:])
    return f"{failed['activity']['name']}: {why}"


def words_of(run: dict[str, Any]) -> str:
    """Return why an activity failed, in words."""
    error = run.get(ERROR)
    return str(error) if error is not None else "".join(run["exception"][-1:]).strip()
