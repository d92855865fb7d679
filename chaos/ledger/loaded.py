"""The rules that Prometheus has loaded: a proof belongs to what fired, not to a file beside it."""

import logging
import time
from collections.abc import Callable, Sequence

from pydantic import ValidationError

from alerts.rulebook import Rule, load_rules
from chaos.errors import BlindError
from chaos.ledger.book import LedgerError
from chaos.ledger.proofs import fingerprint
from chaos.probes.prometheus import LoadedRule
from chaos.signals.sources import Sources

logger = logging.getLogger(__name__)

ASK_AGAIN_SECONDS = 0.5


def loaded_rules(sources: Sources) -> list[Rule]:
    """Return the alert rules of ours that Prometheus has loaded, in its own order.

    Raises:
        LedgerError: Prometheus cannot be asked.
    """
    try:
        found = sources.rules()
    except BlindError as error:
        raise LedgerError(f"which rules are loaded is not known: {error}") from error
    return rules_of(found)


def awaited_rules(
    sources: Sources, seconds: float, hurried: Callable[[], bool] = lambda: False
) -> list[Rule]:
    """Return the rules as `loaded_rules` does, asked again for so long: Prometheus may be busy.

    Nobody waits on once it is `hurried`.

    Raises:
        LedgerError: Prometheus could not be asked in all that time.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return loaded_rules(sources)
        except LedgerError as error:
            if hurried() or time.monotonic() >= deadline:
                raise
            logger.warning("Prometheus is asked again: %s", error)
        time.sleep(ASK_AGAIN_SECONDS)


def rules_now(sources: Sources) -> tuple[list[Rule], list[str]]:
    """Return the rules that are loaded, and what is to be said of them.

    Where nobody tells which are loaded, they are those that are written.
    """
    written = load_rules()
    try:
        loaded = loaded_rules(sources)
    except LedgerError as error:
        return written, [f"{error}; these are the rules of this clone"]
    return loaded, [
        f"{rule.alert} ({rule.labels.severity}) is not loaded as alerts/rules has it: "
        "`pharos down`, then `pharos up`"
        for rule in differing(loaded, written)
    ]


def rules_of(found: Sequence[LoadedRule]) -> list[Rule]:
    """Return those that are rules of this project; others may stand beside them, and are not."""
    return [rule for each in found if (rule := _rule(each)) is not None]


def differing(loaded: Sequence[Rule], written: Sequence[Rule]) -> list[Rule]:
    """Return the written rules that are not loaded as they stand in the files."""
    marks = {fingerprint(rule) for rule in loaded}
    return [rule for rule in written if fingerprint(rule) not in marks]


def _rule(found: LoadedRule) -> Rule | None:
    try:
        return Rule.model_validate(
            {
                "alert": found.name,
                "expr": found.expr,
                "for": f"{found.for_seconds:.0f}s",
                "labels": found.labels,
                "annotations": found.annotations,
            }
        )
    except ValidationError:
        return None
