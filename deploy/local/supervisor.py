"""circus: one arbiter a stack, one watcher a component, spoken to over a private socket."""

import shlex
import subprocess
import sys
import time
from typing import Any

from circus.client import CircusClient
from circus.exc import CallError

from deploy.home import PROJECT, Home
from deploy.local.layout import StackError, private_sockets
from deploy.local.processes import COMPONENT_MARK, Identity, alive, identify, wait_gone
from deploy.local.specs import base_environment, recorded_identities, spec_file, write_record

NAME = "supervisor"
START_SECONDS = 20.0
# circus refuses a command while another one, or its own check, is under way.
BUSY = ("already running", "restarting")
BUSY_SECONDS = 15.0
# How soon a dead process is noticed; circus restarts it in the same step.
CHECK_SECONDS = 0.25


class SupervisorError(StackError):
    """circus refused a command."""


class SupervisorGoneError(SupervisorError):
    """circus does not answer."""


class Supervisor:
    """The stack's arbiter. Every call is short; each opens its own connection."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.log = home.logs / f"{NAME}.log"

    def identity(self) -> Identity | None:
        """Return the arbiter's process; None when it does not run."""
        known = recorded_identities(self._home).get(NAME)
        return known if known and alive(known) else None

    def answers(self, timeout: float = 1.0) -> bool:
        """Return whether the arbiter runs and takes commands."""
        if self.identity() is None:
            return False
        try:
            self._call("numwatchers", timeout=timeout)
        except SupervisorError:
            return False
        return True

    def start(self) -> None:
        """Start the arbiter in a session of its own and wait until it answers.

        Raises:
            SupervisorGoneError: it did not come up.
        """
        config = self._write_config()
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-I", "-m", "circus.circusd", str(config)],
                cwd=PROJECT,
                env=base_environment(self._home) | {COMPONENT_MARK: NAME},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        started = identify(process.pid)
        if started:
            write_record(self._home, NAME, started)
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            if self.answers(timeout=0.5):
                return
        raise SupervisorGoneError(f"the supervisor (circus) did not come up: see {self.log}")

    def watched(self) -> dict[str, str]:
        """Return each watcher's name and circus' own word for its state."""
        states: dict[str, str] = self._call("status")["statuses"]
        return states

    def add(self, name: str) -> None:
        """Start watching the component whose spec is on disk."""
        arguments = ["-I", "-m", "deploy.local.launch", str(spec_file(self._home, name))]
        self._call(
            "add",
            name=name,
            cmd=shlex.quote(sys.executable),
            args=arguments,
            start=True,
            waiting=True,
            options={"copy_env": True, "env": {COMPONENT_MARK: name}, "working_dir": str(PROJECT)},
        )

    def revive(self, name: str) -> None:
        """Start a watcher that circus gave up on."""
        self._call("start", name=name, waiting=True)

    def forget(self, name: str) -> None:
        """Stop watching; the process goes on, and nobody restarts it."""
        if name in self.watched():
            self._call("rm", name=name, nostop=True, waiting=True)

    def quit(self) -> None:
        """End the arbiter; whatever it still watches is ended with it."""
        identity = self.identity()
        if identity is None:
            return
        self._call("quit")
        if wait_gone([identity], BUSY_SECONDS):
            raise SupervisorError(f"the supervisor (pid {identity.pid}) does not end")

    def _write_config(self) -> str:
        sockets = private_sockets(self._home)
        lines = {
            "endpoint": f"ipc://{sockets}/control",
            "pubsub_endpoint": f"ipc://{sockets}/events",
            "check_delay": CHECK_SECONDS,
            "umask": "077",
            "loglevel": "info",
            "logoutput": self.log,
            # The default listens for anybody on the network.
            "multicast_endpoint": "",
        }
        path = self._home.conf / "circus.ini"
        path.write_text(
            "[circus]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items())
        )
        return str(path)

    def _call(self, command: str, timeout: float = 10.0, **properties: Any) -> dict[str, Any]:
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            answer = self._send(command, timeout, properties)
            if answer.get("status") == "ok":
                return answer
            reason = str(answer.get("reason", "no reason given"))
            if not any(word in reason for word in BUSY) or time.monotonic() > deadline:
                raise SupervisorError(f"the supervisor refused to {command}: {reason}")
            time.sleep(0.05)

    def _send(self, command: str, timeout: float, properties: dict[str, Any]) -> dict[str, Any]:
        endpoint = f"ipc://{private_sockets(self._home)}/control"
        client = CircusClient(endpoint=endpoint, timeout=timeout)
        try:
            answer: dict[str, Any] = client.send_message(command, **properties)
        except CallError as error:
            raise SupervisorGoneError(f"the supervisor does not answer: {error}") from error
        finally:
            client.stop()
        return answer
