"""Grafana's units as the console writes them."""

from collections.abc import Iterable
from dataclasses import dataclass

from console.components import numbers


@dataclass(frozen=True, slots=True)
class Unit:
    """What stands beside a number, and the factor from the base unit to it."""

    name: str
    factor: float = 1.0

    def write(self, value: float | None) -> str:
        """Write a value of the base unit, with as many digits as tell something."""
        if value is None:
            return numbers.NONE
        shown = value * self.factor
        if shown == round(shown):
            return f"{shown:,.0f}"
        return f"{shown:,.1f}" if abs(shown) >= 100 else f"{shown:.3g}"


UNITS = {
    "s": Unit("s"),
    "ms": Unit("ms"),
    "d": Unit("days"),
    "bytes": Unit("MiB", 1 / numbers.MEBIBYTE),
    "percentunit": Unit("%", 100),
    "reqps": Unit("/s"),
    "cps": Unit("/s"),
    "ops": Unit("/s"),
    "Bps": Unit("MiB/s", 1 / numbers.MEBIBYTE),
    "short": Unit(""),
}
MILLISECONDS = Unit("ms", 1000)
HOURS = Unit("h", 1 / 3600)


def unit_for(grafana: str, values: Iterable[float | None]) -> Unit:
    """Return the unit in which these values read best; durations choose by their largest.

    Raises:
        KeyError: a dashboard uses a unit that is not listed here; a test reads them all.
    """
    if grafana != "s":
        return UNITS[grafana]
    largest = max((abs(value) for value in values if value is not None), default=0.0)
    if largest < 1:
        return MILLISECONDS
    return HOURS if largest > 2 * 3600 else UNITS["s"]
