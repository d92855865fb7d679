"""Starts one component by hand, as a supervisor would, and waits for conditions."""

import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from deploy.local.component import Component


def wait_for(question: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    """Ask until the answer is true; fail with `what` when it takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if question():
            return
        time.sleep(0.02)
    pytest.fail(f"{what} did not happen within {seconds} s")


@dataclass
class Running:
    """One component that was started; `process` is the one that a supervisor would watch."""

    component: Component
    process: subprocess.Popen[bytes]

    def wait_until_healthy(self) -> None:
        def ended_or_healthy() -> bool:
            return self.process.poll() is not None or self.component.health().ok

        wait_for(ended_or_healthy, f"{self.component.name} healthy", self.component.start_timeout)
        log = self.component.log.read_text()[-2000:]
        assert self.process.poll() is None, f"{self.component.name} ended: {log}"

    def stop(self) -> int:
        self.process.send_signal(self.component.stop_signal)
        return self.process.wait(self.component.stop_timeout)

    def end(self) -> None:
        """Kill it, also where it stands still; nothing to do where it has ended."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait(10)


def start(component: Component) -> Running:
    """Prepare and start a component as a supervisor would."""
    component.prepare()
    account = pwd.getpwnam(component.run_as) if component.run_as else None
    with component.log.open("ab") as log:
        process = subprocess.Popen(
            component.argv,
            cwd=component.cwd,
            env={**os.environ, **component.env},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=() if account else None,
        )
    return Running(component, process)


@contextmanager
def running(component: Component) -> Iterator[Running]:
    """Start a component, wait until it is healthy, and kill what is left of it at the end."""
    started = start(component)
    try:
        started.wait_until_healthy()
        yield started
    finally:
        started.end()
