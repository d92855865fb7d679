"""A gateway in this process that notes whatever comes, and answers 404; it may be slow."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.fakes.serving import Quiet, serving


@dataclass
class Visits:
    """`came` has method and path of each request; while `answers` is not set, none is answered."""

    came: list[tuple[str, str]] = field(default_factory=list)
    answers: threading.Event = field(default_factory=threading.Event)


@contextmanager
def visited(port: int = 0) -> Iterator[tuple[str, Visits]]:
    """Serve on that port of 127.0.0.1, or on a free one; gives the URL, and what came."""
    visits = Visits()
    visits.answers.set()

    class Note(Quiet):
        protocol_version = "HTTP/1.1"

        def __getattr__(self, name: str) -> Callable[[], None]:
            if not name.startswith("do_"):
                raise AttributeError(name)
            return self._note

        def _note(self) -> None:
            visits.came.append((self.command, self.path))
            visits.answers.wait()
            with suppress(BrokenPipeError):  # whoever asked has given up
                self.send(b"", 404)

    with serving(Note, port) as served:
        try:
            yield f"http://127.0.0.1:{served}", visits
        finally:
            visits.answers.set()
