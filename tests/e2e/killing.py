"""Killing a part of the stack, and waiting until the supervisor has put another in its place."""

import os
import signal

from tests.fixtures.running import RunningStack, eventually


def kill(pid: int | None) -> int:
    """Send SIGKILL; return the pid."""
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return pid


def kill_and_await(stack: RunningStack, name: str) -> None:
    """Kill a component, and wait until it is ready again as another process."""
    killed = kill(stack.component(name).pid)
    eventually(
        lambda: stack.component(name),
        lambda part: part.state == "ready" and part.pid != killed,
        f"{name} ready again with another pid than {killed}",
        seconds=90,
    )
