"""The control service, started for each test on a home of its own."""

from tests.fixtures.control_service import operator, service, stopped

__all__ = ["operator", "service", "stopped"]
