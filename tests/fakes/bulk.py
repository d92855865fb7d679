"""A log store in this process that takes bulk requests, and answers as a test says."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from deploy.elk.store import Store
from tests.fakes.serving import Quiet, serving


class Bulk:
    """`stored` has the messages that were taken, in their order.

    `judge` gives the status of a line by its message; `whole` that of a request by all of
    its messages: 200 where the lines are judged one by one.
    """

    def __init__(self) -> None:
        self.stored: list[str] = []
        self.judge: Callable[[str], int] = lambda _: 201
        self.whole: Callable[[list[str]], int] = lambda _: 200

    def answer(self, body: bytes) -> tuple[int, dict[str, Any]]:
        rows = body.decode().removesuffix("\n").split("\n")
        messages = [json.loads(row)["message"] for row in rows[1::2]]
        if (status := self.whole(messages)) != 200:
            return status, {"status": status, "error": {"reason": "not as a whole"}}
        statuses = {message: self.judge(message) for message in messages}
        self.stored += [message for message, status in statuses.items() if status == 201]
        items = [{"create": {"status": status}} for status in statuses.values()]
        return 200, {"errors": set(statuses.values()) != {201}, "items": items}


@contextmanager
def bulk() -> Iterator[tuple[Store, Bulk]]:
    """Serve on a port of 127.0.0.1; gives how the store is reached, and what it took.

    A search finds no index, as before the first line. What is put into it is taken.
    """
    taken = Bulk()

    class Answer(Quiet):
        def do_POST(self) -> None:
            body = self.body()
            bulk = self.path.split("?")[0] == "/_bulk"
            status, answer = taken.answer(body) if bulk else (404, {})
            self.answer(answer, status)

        def do_GET(self) -> None:
            self.answer({"version": {"number": "8.19.0"}})

        def do_PUT(self) -> None:
            self.body()
            self.answer({})

        def do_HEAD(self) -> None:
            self.send(b"")

    with serving(Answer) as port:
        yield Store(url=f"http://127.0.0.1:{port}", given=True), taken
