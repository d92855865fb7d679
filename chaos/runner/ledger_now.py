"""How every alert rule stands now: its last proof, or why there is none."""

from alerts.document import BadDocumentError
from alerts.rulebook import Rule
from chaos.journal import utc_now
from chaos.ledger import book
from chaos.ledger.book import LedgerError
from chaos.ledger.loaded import rules_now
from chaos.ledger.standing import Standing, standings
from chaos.runner.unproven import Unproven, load_unproven
from chaos.signals.sources import StackSources
from deploy.home import Home


def ledger_now(home: Home) -> tuple[list[Standing], list[str]]:
    """Return each rule's standing, in the rules' order, and what is to be said of the rules.

    Raises:
        LedgerError: the ledger, or the list of what no drill can prove, cannot be read.
    """
    proofs = book.read(home)
    try:
        excused = load_unproven()
    except (BadDocumentError, OSError) as error:
        raise LedgerError(f"what no drill can prove is not known: {error}") from error
    rules, troubles = rules_now(StackSources(home))
    rows = [
        row.model_copy(update={"unprovable": _excuse(rule, excused)})
        for rule, row in zip(rules, standings(rules, proofs, utc_now()), strict=True)
    ]
    return rows, troubles


def _excuse(rule: Rule, excused: list[Unproven]) -> str | None:
    return next((each.reason for each in excused if each.speaks_of(rule)), None)
