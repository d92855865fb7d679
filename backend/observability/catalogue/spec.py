"""The types of the catalogue's entries: processes, labels, metrics of ours and of others."""

from dataclasses import dataclass
from enum import StrEnum
from math import prod

# What every sample carries beside its own labels: Prometheus adds them when it scrapes.
TARGET_LABELS = frozenset({"job", "instance"})


class Kind(StrEnum):
    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Unit(StrEnum):
    """A base unit; the name of a metric that has one ends with it."""

    SECONDS = "seconds"
    BYTES = "bytes"
    NONE = ""


class Process(StrEnum):
    """The processes of ours; also the Prometheus job of each that stays to be scraped.

    A drill does not: its exceptions are counted for the error reports alone.
    """

    API = "api"
    RELAY = "relay"
    WORKER = "worker"
    AGENT = "agent"
    CONTROL = "control"
    CONSOLE = "console"
    DRILL = "drill"


@dataclass(frozen=True, slots=True)
class Label:
    """A label and what bounds it: the `values` that it may have, or how many (`limit`).

    Where values come from outside, whoever sets them maps what exceeds the
    limit, or is not listed, to one fixed value (see `metrics.Bounded`).
    """

    name: str
    values: tuple[str, ...] = ()
    limit: int = 0

    def __post_init__(self) -> None:
        if bool(self.values) == bool(self.limit):
            raise ValueError(f"label {self.name}: give its values, or their limit")

    @property
    def most(self) -> int:
        """The most different values that one process may use."""
        return len(self.values) or self.limit


@dataclass(frozen=True, slots=True)
class Spec:
    """One metric of ours: its exposed name, what it counts, and how far it may grow.

    `budget` is the most series that one process may expose for it; left out,
    it is what the labels' bounds allow.
    """

    name: str
    kind: Kind
    help: str
    processes: frozenset[Process]
    labels: tuple[Label, ...] = ()
    buckets: tuple[float, ...] = ()
    unit: Unit = Unit.NONE
    budget: int = 0

    def __post_init__(self) -> None:
        if not self.budget:
            # A histogram has a series a bucket, one for +Inf, the sum and the count.
            parts = len(self.buckets) + 3 if self.kind is Kind.HISTOGRAM else 1
            object.__setattr__(self, "budget", parts * prod(label.most for label in self.labels))

    @property
    def label_names(self) -> tuple[str, ...]:
        return tuple(label.name for label in self.labels)


@dataclass(frozen=True, slots=True)
class Foreign:
    """One metric that another program exposes, as far as we use it.

    Prometheus keeps of that program's metrics those that are listed, and no
    other. `jobs` is where it is found; empty for what Prometheus itself adds
    to every target. A histogram goes by its base name.
    """

    name: str
    kind: Kind
    help: str
    jobs: frozenset[str]
    labels: tuple[str, ...] = ()
    unit: Unit = Unit.NONE

    @property
    def label_names(self) -> tuple[str, ...]:
        return self.labels


@dataclass(frozen=True, slots=True)
class Recorded:
    """One series that Prometheus' own rules write; it carries `labels` and no target's."""

    name: str
    help: str
    labels: tuple[str, ...]

    @property
    def kind(self) -> Kind:
        return Kind.GAUGE

    @property
    def label_names(self) -> tuple[str, ...]:
        return self.labels
