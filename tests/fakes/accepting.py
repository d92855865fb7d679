"""A gateway in this process that takes users and events, and keeps what it took."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.fakes.serving import Quiet, serving


class Taken:
    """`users` and `events` as they came.

    While `refuses` is true, events are answered 503; while `answers` is not set, nobody is
    answered at all, and `hanging` has the threads of those who wait.
    """

    def __init__(self) -> None:
        self.users: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.tokens: set[str | None] = set()
        self.refuses = False
        self.hanging: set[int] = set()
        self.answers = threading.Event()
        self.answers.set()


@contextmanager
def accepting() -> Iterator[tuple[int, Taken]]:
    """Serve on a port of 127.0.0.1; gives the port, and what was taken."""
    taken = Taken()

    class Accept(Quiet):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.body())
            taken.tokens.add(self.headers["Authorization"])
            if self.path == "/v1/users":
                taken.users.append(body)
                self._answer(201, {"id": f"user-{len(taken.users)}"})
            elif taken.refuses:
                self._answer(503, {})
            else:
                taken.events.append(body)
                self._answer(202, {})

        def _answer(self, status: int, body: dict[str, str]) -> None:
            taken.hanging.add(threading.get_ident())
            taken.answers.wait()
            taken.hanging.discard(threading.get_ident())
            self.answer(body, status)

    with serving(Accept) as port:
        try:
            yield port, taken
        finally:
            taken.answers.set()
