"""Lines that several dashboards draw alike."""

from dashboards.expressions import Metric, quantile
from dashboards.model import Line, State

API = 'job="api"'
FAILED = 'status=~"5.."'
PRODUCT = 'job=~"api|relay|worker"'
DEAD = 'queue=~".+[.]dead"'
SHARES = (0.5, 0.95, 0.99)

YES_NO = (State(1, "yes", "green"), State(0, "no", "red"))


def quantiles(metric: Metric, where: str = "", after: str = "") -> tuple[Line, ...]:
    """Return the median, p95 and p99 of a histogram."""
    return tuple(
        Line(f"p{share * 100:.0f}", quantile(metric, share, where=where), after) for share in SHARES
    )
