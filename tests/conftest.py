"""The suite's shared fixtures: one real stack, one browser, a database a test."""

import pytest

pytest_plugins = [
    "tests.fixtures.stack",
    "tests.fixtures.database",
    "tests.fixtures.browser",
    "tests.fixtures.toxiproxy",
]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark whatever asks for the shared stack, so that a run can take it or leave it."""
    if "stack" in getattr(item, "fixturenames", ()):
        item.add_marker("stack")
