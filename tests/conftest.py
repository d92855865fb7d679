"""The suite's shared fixtures: one real stack, one browser, a database a test."""

pytest_plugins = ["tests.fixtures.stack", "tests.fixtures.database", "tests.fixtures.browser"]
