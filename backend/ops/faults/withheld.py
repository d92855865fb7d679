"""Failing readiness: the process says that it wants no traffic, and serves what still comes."""

from backend.ops.readiness import Readiness
from backend.schemas.replica_faults import NoArguments


class FailingReadiness:
    def __init__(self, readiness: Readiness, arguments: NoArguments) -> None:  # noqa: ARG002
        self._readiness = readiness

    def start(self) -> None:
        self._readiness.withhold()

    def stop(self) -> None:
        self._readiness.resume()

    def gone(self) -> bool:
        return True

    def detail(self) -> str:
        return "readiness fails"
