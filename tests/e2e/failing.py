"""Failures of the shared stack that last until they are ended, and the alerts that tell of them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime

import httpx
import psutil

from console.schemas import Alert
from tests.fixtures.running import RunningStack, eventually

DEAD = "pharos.activity.dead"


@contextmanager
def paused(pid: int | None) -> Iterator[None]:
    """Stop a process with SIGSTOP and let it go on at the end, whatever happens."""
    assert pid is not None
    process = psutil.Process(pid)
    process.suspend()
    try:
        yield
    finally:
        process.resume()


@contextmanager
def dead_letter(stack: RunningStack) -> Iterator[None]:
    """Publish what no consumer can read, and empty the dead-letter queue at the end."""
    with httpx.Client(
        base_url=stack.url("rabbitmq-management"),
        auth=("pharos", stack.secret("rabbitmq_password")),
        timeout=15,
    ) as broker:
        message = {
            "routing_key": "pharos.activity",
            "properties": {"message_id": "not-an-id"},
            "payload": "{}",
            "payload_encoding": "string",
        }
        broker.post("/api/exchanges/%2F/amq.default/publish", json=message).raise_for_status()
        try:
            yield
        finally:
            broker.delete(f"/api/queues/%2F/{DEAD}/contents").raise_for_status()


@dataclass(frozen=True)
class Failure:
    """`make` makes it until its end; `alert` with these `labels` is what must tell of it."""

    make: Callable[[RunningStack], AbstractContextManager[None]]
    alert: str
    labels: Mapping[str, str]

    def tells(self, alert: Alert) -> bool:
        return alert.name == self.alert and self.labels.items() <= alert.labels.items()


def delivered(stack: RunningStack, status: str) -> list[Alert]:
    """Return the alerts of this status that Alertmanager has delivered to the control service."""
    answer = httpx.get(
        f"{stack.url('control')}/v1/alerts",
        params={"status": status, "limit": 200},
        headers={"Authorization": f"Bearer {stack.secret('operator_token')}"},
        timeout=15,
    )
    return [Alert.model_validate(row) for row in answer.raise_for_status().json()]


def await_alert(stack: RunningStack, failure: Failure, seconds: float) -> Alert:
    """Wait until the failure's alert has reached the control service as firing."""
    found = eventually(
        lambda: [alert for alert in delivered(stack, "firing") if failure.tells(alert)],
        bool,
        f"{failure.alert} {dict(failure.labels)} firing",
        seconds=seconds,
    )
    return found[0]


def await_end(stack: RunningStack, fired: Alert, seconds: float) -> Alert:
    """Wait until the control service has heard that this very alert is over."""
    key = (fired.fingerprint, fired.starts_at)
    ended = eventually(
        lambda: [row for row in delivered(stack, "resolved") if key == _key(row)],
        bool,
        f"{fired.name} {fired.labels} resolved",
        seconds=seconds,
    )
    return ended[0]


def _key(alert: Alert) -> tuple[str, datetime]:
    return alert.fingerprint, alert.starts_at
