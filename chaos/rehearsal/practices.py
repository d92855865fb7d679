"""What is rehearsed: each fault type once, at a place and of a size that hardly anybody feels."""

from dataclasses import dataclass, field
from typing import Any

from deploy.faults.kinds import GATEWAY
from deploy.local.servers import faultproxy


@dataclass(frozen=True, slots=True)
class Practice:
    """A fault of `kind` at one replica of a role or a component; `needs` a part of the stack."""

    kind: str
    target: str
    arguments: dict[str, Any] = field(default_factory=dict)
    needs: str | None = None

    @property
    def name(self) -> str:
        """Name the type: a dependency's has modes, and a kind may be of two places."""
        mode = self.arguments.get("mode")
        return f"{self.kind} {mode}" if mode else self.kind


def _dependency(mode: str, **arguments: float) -> Practice:
    return Practice("dependency", "redis", {"mode": mode} | arguments, needs=faultproxy.NAME)


# A drill's own traffic, which no lease holds.
SENT = frozenset({"surge", "scan"})
PRACTICES = (
    Practice("latency", "api", {"delay_seconds": 0.2, "percentage": 1}),
    Practice("error-status", "api", {"percentage": 1}),
    Practice("exception", "api", {"percentage": 1}),
    Practice("query-multiplication", "api", {"queries": 5, "percentage": 10}),
    Practice("exhausted-pool", "api", {"connections": 1}),
    Practice("blocked-loop", "api", {"block_seconds": 0.05, "pause_seconds": 0.2}),
    Practice("cpu-burn", "api", {"percentage": 20}),
    Practice("memory-growth", "api", {"mebibytes": 32}),
    Practice("failing-readiness", "api"),
    Practice("cut-off", "api"),
    Practice("unscraped", "api"),
    Practice("latency", GATEWAY, {"delay_seconds": 0.1, "percentage": 1}),
    Practice("abort", GATEWAY, {"percentage": 1}),
    Practice("certificate", GATEWAY),
    # Before the worker is hit: RabbitMQ tells of a consumer that is back seconds later.
    Practice("poison", "worker"),
    Practice("flood", GATEWAY, {"events_per_second": 5}),
    Practice("pause", "worker"),
    Practice("stray-stop", "relay"),
    Practice("kill", "worker"),
    Practice("terminate", "relay"),
    Practice("down", "worker"),
    _dependency("latency", delay_seconds=0.05),
    _dependency("bandwidth", kilobytes_per_second=1000),
    _dependency("reset"),
    _dependency("hang"),
    _dependency("down"),
    # For as long as a lease would be, if somebody kills the rehearsal.
    Practice("surge", GATEWAY, {"a_second": 5, "seconds": 30}),
    Practice("scan", GATEWAY, {"a_second": 5, "requests": 150}),
)
KINDS = tuple(dict.fromkeys(practice.kind for practice in PRACTICES))
