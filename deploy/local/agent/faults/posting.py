"""Posts events at a rate, over a few connections at once and never over more.

So many in flight is what keeps it bounded: a product that answers slowly is asked
for less.
"""

import http.client
import json
import socket
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import uuid4

from deploy.local.servers.probe import HOST

CONNECTIONS = 8
TIMEOUT = 3.0
# What is under way at the end is waited for so long, in seconds, and then given up.
GRACE = 0.5
SOURCE = "urn:pharos:flood"
TYPE = "drill.flood.sent"
CLOUD_EVENT = "application/cloudevents+json"


class NotAcceptedError(Exception):
    """The gateway gave another answer than that it took it, or is not asked any more."""


class Posting:
    """Begins at once, with users of its own; it is over soon after `stop`, whoever hangs."""

    def __init__(self, port: int, token: str, events_per_second: float, users: int) -> None:
        self._headers = {"authorization": f"Bearer {token}", "user-agent": "pharos-flood"}
        self._every = CONNECTIONS / events_per_second
        self._users = users
        self._asked = events_per_second
        self._mark = uuid4().hex[:12]
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._subjects: dict[int, str] = {}
        self._over = threading.Event()
        self._began = time.monotonic()
        self.accepted = 0
        self._why = ""
        self._connections = [
            http.client.HTTPConnection(HOST, port, timeout=TIMEOUT) for _ in range(CONNECTIONS)
        ]
        self._threads = [
            threading.Thread(target=self._run, args=lane, name="flood", daemon=True)
            for lane in enumerate(self._connections)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def under_way(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    @property
    def answered(self) -> int:
        """How many requests were answered as they should be: for events, and for their users."""
        return self.accepted + len(self._subjects)

    def stop(self) -> None:
        """Begin no other request, and give up after `GRACE` what is not answered by then."""
        if not self._over.is_set():
            self._over.set()
            ending = threading.Timer(GRACE, self._cut)
            ending.daemon = True
            ending.start()

    def words(self) -> str:
        """Say how many a second were taken since the start; of failures, the last."""
        rate = self.accepted / max(time.monotonic() - self._began, 0.001)
        told = f"{rate:.0f} of {self._asked:g} events a second are accepted"
        return f"{told}; the last that was not: {self._why}" if self._why else told

    def _cut(self) -> None:
        for connection in self._connections:
            # Its thread, which waits for the answer, finds it at its end, and closes it; one that
            # was closed in this moment has nothing to cut.
            if sock := connection.sock:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def _run(self, lane: int, connection: http.client.HTTPConnection) -> None:
        due = time.monotonic() + self._every * lane / CONNECTIONS
        while not self._over.wait(max(0.0, due - time.monotonic())):
            # What is late is not caught up.
            due = max(due + self._every, time.monotonic())
            try:
                self._post(connection)
            except (OSError, http.client.HTTPException, NotAcceptedError) as error:
                self._why = str(error) or repr(error)
                connection.close()
        connection.close()

    def _post(self, connection: http.client.HTTPConnection) -> None:
        number = next(self._numbers)
        event = {
            "specversion": "1.0",
            "id": f"{self._mark}-{number}",
            "source": SOURCE,
            "type": TYPE,
            "subject": self._subject(connection, number % self._users),
            "time": datetime.now(UTC).isoformat(),
        }
        self._ask(connection, "/v1/events", event, {"content-type": CLOUD_EVENT}, 202)
        with self._lock:
            self.accepted += 1

    def _subject(self, connection: http.client.HTTPConnection, number: int) -> str:
        """Return the id of the flood's user of that number, who is created when first needed."""
        with self._lock:
            if number not in self._subjects:
                name = f"flood-{self._mark}-{number}"
                user = {"email": f"{name}@flood.example", "name": name}
                headers = {"content-type": "application/json", "idempotency-key": name}
                self._subjects[number] = str(
                    self._ask(connection, "/v1/users", user, headers, 201)["id"]
                )
            return self._subjects[number]

    def _ask(
        self,
        connection: http.client.HTTPConnection,
        path: str,
        body: dict[str, Any],
        headers: dict[str, str],
        wanted: int,
    ) -> Any:
        # Whoever waited for a product that does not answer asks it nothing after the end.
        if self._over.is_set():
            raise NotAcceptedError(f"POST {path} comes after the end")
        connection.request("POST", path, json.dumps(body), self._headers | headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != wanted:
            raise NotAcceptedError(f"POST {path} was answered with {answer.status}")
        return json.loads(content)
