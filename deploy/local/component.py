"""What the local stack needs to know of a part in order to prepare, start, watch and stop it."""

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Health:
    """One answer of a health check; `detail` says in words what is wrong.

    `in_flight` is how many requests are being answered, where somebody asked.
    """

    ok: bool
    detail: str = ""
    version: str | None = None
    in_flight: int | None = None


def _nothing_to_prepare() -> None:
    """Most parts need no preparation."""


@dataclass(frozen=True, slots=True)
class Component:
    """One supervised process.

    `prepare` is idempotent, runs as the calling user before the start, and
    raises PreparationError. `health` blocks for a second at most and never
    raises. `run_as` names the user to become, for a program that refuses root.
    Times are seconds.
    """

    name: str
    argv: tuple[str, ...]
    cwd: Path
    log: Path
    health: Callable[[], Health]
    port: int | None = None
    extra_ports: tuple[int, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    run_as: str | None = None
    stop_signal: int = signal.SIGTERM
    stop_timeout: float = 10.0
    start_timeout: float = 60.0
    prepare: Callable[[], None] = _nothing_to_prepare
    remedy: str = ""


class PreparationError(Exception):
    """A component's data or configuration could not be made; says which and what to do."""
