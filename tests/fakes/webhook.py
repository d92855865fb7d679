"""A control service's webhook in this process: takes every notification and keeps it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.fakes.serving import Quiet, serving


@contextmanager
def webhook(port: int) -> Iterator[list[dict[str, Any]]]:
    """Take notifications on a port of 127.0.0.1, in the list that is yielded."""
    taken: list[dict[str, Any]] = []

    class Take(Quiet):
        def do_POST(self) -> None:
            taken.append(json.loads(self.body()))
            self.send(b"", 204)

    with serving(Take, port):
        yield taken
