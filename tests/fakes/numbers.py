"""What Prometheus counts, as a test says: an expression's value, or what gives it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from chaos.errors import NoSampleError


@dataclass
class FakeNumbers:
    """`values` has the answers by expression; a value that is asked for a time takes it."""

    values: dict[str, float | Callable[[float | None], float]] = field(default_factory=dict)

    def number(self, promql: str, at: float | None = None) -> float:
        if promql not in self.values:
            raise NoSampleError(f"Prometheus has no sample of {promql}")
        value = self.values[promql]
        return value(at) if callable(value) else value
