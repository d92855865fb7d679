"""Spans: each piece of work has one; they are exported only where a collector is configured.

Without one a span is no more than its place in the trace, a `traceparent`:
opentelemetry is not even imported.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol
from urllib.parse import urlsplit

from backend.observability.traceparent import continued

Kind = Literal["server", "producer", "consumer"]
Attributes = Mapping[str, str | int]


class Span(Protocol):
    """One piece of work under way."""

    @property
    def traceparent(self) -> str:
        """What whoever is called below this span is told."""

    @property
    def recording(self) -> bool:
        """Whether somebody will see what it says when it ends."""

    def end(self, name: str, attributes: Attributes, *, failed: bool = False) -> None:
        """Say what it was, by the conventions of OpenTelemetry, and whether it failed."""


class Spans(Protocol):
    """Where spans come from. One a process."""

    def start(self, kind: Kind, parent: str | None) -> Span:
        """Begin a span below `parent`, a `traceparent`; without a usable one, a new trace."""

    def close(self) -> None:
        """Export what is left, for a few seconds at most."""


class _Unrecorded:
    __slots__ = ("traceparent",)
    recording = False

    def __init__(self, traceparent: str) -> None:
        self.traceparent = traceparent

    def end(self, name: str, attributes: Attributes, *, failed: bool = False) -> None:
        """Nobody listens."""


class Unrecorded:
    """Spans that go nowhere: the trace still runs through logs and messages."""

    def start(self, kind: Kind, parent: str | None) -> Span:  # noqa: ARG002
        return _Unrecorded(continued(parent))

    def close(self) -> None:
        """There is nothing left."""


@dataclass(frozen=True, slots=True)
class Collector:
    """Where spans go: an OTLP/HTTP endpoint's base URL, and the share of new traces recorded.

    A trace that somebody upstream decided about keeps that decision.
    """

    endpoint: str
    ratio: float = 1.0

    @property
    def traces(self) -> str:
        """Where batches of spans are posted."""
        return f"{self.endpoint.rstrip('/')}/v1/traces"

    @classmethod
    def from_environment(cls) -> "Collector | None":
        """Read `PHAROS_OTLP_ENDPOINT` and `PHAROS_OTLP_RATIO`; None without an endpoint.

        Raises:
            ValueError: one of them cannot be used; the message names it.
        """
        endpoint = os.environ.get("PHAROS_OTLP_ENDPOINT")
        ratio = os.environ.get("PHAROS_OTLP_RATIO") or "1"
        if not endpoint:
            return None
        if urlsplit(endpoint).scheme not in ("http", "https"):
            raise ValueError(f"PHAROS_OTLP_ENDPOINT must be an http address, not {endpoint!r}")
        if not re.fullmatch(r"0(\.\d+)?|1(\.0+)?", ratio):
            raise ValueError(f"PHAROS_OTLP_RATIO must be a number from 0 to 1, not {ratio!r}")
        return cls(endpoint, float(ratio))


def make_spans(
    collector: Collector | None, *, service: str, release: str, node: str, environment: str
) -> Spans:
    """Return this process' spans; those without a collector cost next to nothing."""
    if collector is None:
        return Unrecorded()
    from backend.observability.otlp import Exported  # noqa: PLC0415  a second of imports, if at all

    resource = {
        "service.name": service,
        "service.version": release,
        "service.instance.id": node,
        "deployment.environment.name": environment,
    }
    return Exported(collector, resource)
