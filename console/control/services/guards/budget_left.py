"""What is left of the error budgets: a drill takes some of it, and an incident needs the rest."""

from dataclasses import dataclass

from console.control.budgets import Budgets
from console.control.services.guards.guard import Answer, Asked, ok, refused

# Half a minute in which half of all requests fail takes 6 % of what 99.99 % allow in 30 days.
LEAST_LEFT = 0.1


@dataclass(frozen=True, slots=True)
class BudgetLeft:
    """Asks Prometheus for every objective."""

    budgets: Budgets

    def __call__(self, _: Asked) -> Answer:
        now = self.budgets.now()
        told = ", ".join(f"{each.slo.name} {each.left:.0%}" for each in now)
        reason = f"Left of the error budgets: {told}; a drill needs {LEAST_LEFT:.0%} of each."
        if all(each.left >= LEAST_LEFT for each in now):
            return ok(reason)
        return refused(
            reason,
            "Mend what spends it, or let an admin run it on a game day: `--profile game-day`.",
        )
