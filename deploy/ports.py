"""The ports of one stack, all derived from one base."""

from dataclasses import dataclass

DEFAULT_BASE = 7400
SPAN = 100
FIRST_SLOT = 40
MAX_REPLICAS = 16

OFFSETS = {
    "gateway": 0,
    "console": 1,
    "control": 2,
    "prometheus": 3,
    "alertmanager": 4,
    "errors": 5,
    "postgres": 6,
    "redis": 7,
    "rabbitmq": 8,
    "rabbitmq-dist": 9,
    "epmd": 10,
    "rabbitmq-management": 11,
    "rabbitmq-metrics": 12,
    "gateway-admin": 13,
    "agent": 14,
    "relay": 15,
    "worker": 16,
    "postgres-metrics": 17,
    "redis-metrics": 18,
    "console-metrics": 19,
    "gateway-tls": 20,
    "logstore": 21,
    "grafana": 22,
    "faultproxy": 23,
    "faultproxy-postgres": 24,
    "faultproxy-redis": 25,
    "faultproxy-rabbitmq": 26,
    "history": 27,
}


@dataclass(frozen=True, slots=True)
class Ports:
    """One stack's range: `base` up to `base + SPAN - 1`."""

    base: int

    @classmethod
    def parse(cls, text: str) -> "Ports":
        """Read a base from text.

        Raises:
            ValueError: not a number, or the range leaves 1024..65535.
        """
        if not text.isdecimal():
            raise ValueError(f"PHAROS_PORT_BASE must be a number, not {text!r}")
        base = int(text)
        if not 1024 <= base <= 65536 - SPAN:
            raise ValueError(f"PHAROS_PORT_BASE must be between 1024 and {65536 - SPAN}")
        return cls(base)

    def __getitem__(self, name: str) -> int:
        return self.base + OFFSETS[name]

    def replica(self, slot: int) -> tuple[int, int]:
        """Return the traffic and the ops port of api replica `slot` (1 to MAX_REPLICAS)."""
        if not 1 <= slot <= MAX_REPLICAS:
            raise ValueError(f"slot must be between 1 and {MAX_REPLICAS}, not {slot}")
        first = self.base + FIRST_SLOT + 2 * (slot - 1)
        return first, first + 1
