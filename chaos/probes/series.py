"""Do a process' metrics keep to the series that the catalogue allows them?"""

from collections.abc import Iterator

from backend.observability.catalogue import CATALOGUE, Process
from chaos.drill import Drill, activity, checked_by, current
from chaos.errors import BlindError

Problem = tuple[tuple[str, ...], str]


def _unknown(job: str) -> Iterator[Problem]:
    """Yield what is wrong with the arguments of `within_budgets`, each with its place."""
    known = [process.value for process in Process]
    if job not in known:
        yield ("job",), f"no process is called {job}: name one of {', '.join(known)}"


@checked_by(_unknown)
@activity
def within_budgets(job: str) -> bool:
    """Return whether no metric of ours has more series in a process of `job` than its budget.

    Raises:
        BlindError: Prometheus does not answer, or has nothing of that process.
    """
    drill = current()
    mine = [spec for spec in CATALOGUE if Process(job) in spec.processes and spec.labels]
    counted = {spec.name: (_series(drill, spec.name, job), spec.budget) for spec in mine}
    most = sum(series for series, _ in counted.values())
    if not most:
        raise BlindError(f"Prometheus has no metric of ours from {job}")
    beyond = [
        f"{name} has {series:.0f} series, {budget} are allowed"
        for name, (series, budget) in counted.items()
        if series > budget
    ]
    fine = f"each of {len(mine)} metrics is within its budget, {most:.0f} series in all"
    drill.facts.readings.append("; ".join(beyond) or fine)
    return not beyond


def _series(drill: Drill, name: str, job: str) -> float:
    """Return how many series the process that has most of them exposes for a metric."""
    found = f'{{__name__=~"{name}(_bucket|_count|_sum)?",job="{job}"}}'
    return drill.numbers.number(f"max(count by (instance) ({found})) or vector(0)")
