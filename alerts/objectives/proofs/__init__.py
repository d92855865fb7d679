"""The promtool tests of the generated rules, by file name.

Generated too, since each objective needs the same ones; the numbers that they
expect are worked out here from samples, not taken from the rules.
"""

from typing import Any

from alerts.objectives.burning import FAST, SLOW
from alerts.objectives.model import Slo
from alerts.objectives.proofs import burning, counts, ratios
from backend.observability.catalogue import ERROR_RATIOS


def proofs(slos: list[Slo]) -> dict[str, dict[str, Any]]:
    """Return promtool's test documents by file name below `tests/`."""
    by_window = {
        f"slo-ratio-{window}.yaml": ratios.ratio_proof(window, slos) for window in ERROR_RATIOS
    }
    return {
        "slo-burning-fast.yaml": burning.proof(slos, FAST),
        "slo-burning-slowly.yaml": burning.proof(slos, SLOW),
        "slo-counts.yaml": counts.proof(slos),
        **by_window,
        **{f"slo-budget-{days}.yaml": ratios.budget_proof(days, slos) for days in _windows(slos)},
    }


def _windows(slos: list[Slo]) -> list[str]:
    return sorted({slo.window for slo in slos})
