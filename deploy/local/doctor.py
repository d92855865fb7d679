"""`pharos doctor`: what this machine has, what is in the way, and what to do about it."""

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import psutil

from deploy.driver import ComponentState
from deploy.home import Home
from deploy.local.acquire import plan
from deploy.local.component import PreparationError
from deploy.local.holders import taken
from deploy.local.parts import REAL, Parts
from deploy.local.servers import faultproxy
from deploy.local.servers.account import unprivileged
from deploy.local.servers.probe import NotHealthyError
from deploy.local.status import status_now
from deploy.local.stopping import stack_processes
from deploy.local.wanted import read_wanted
from deploy.ports import FIRST_SLOT, OFFSETS

GIB = 1024**3
MEMORY_GIB = 1.5
DISK_GIB = 2.0
SUPPORTED = ("x86_64", "aarch64")


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the answer; `remedy` says what to do unless all is well."""

    level: Level
    subject: str
    text: str
    remedy: str = ""


def examine(home: Home, parts: Parts = REAL) -> Iterator[Finding]:
    """Yield the findings, cheap ones first; what is asked of apt may take two seconds."""
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        _machine,
        lambda: _room(home),
        lambda: _rights(home),
        _account,
        lambda: _ports(home),
        _programs,
        lambda: _stack(home, parts),
        lambda: faults_on_the_way(home),
    )
    for check in checks:
        yield from check()


def _machine() -> Iterator[Finding]:
    yield Finding(Level.OK, "python", f"{platform.python_version()} at {sys.executable}")
    machine = platform.machine()
    cores = os.cpu_count() or 1
    if machine in SUPPORTED and sys.platform == "linux":
        yield Finding(Level.OK, "machine", f"Linux {platform.release()}, {machine}, {cores} cores")
    else:
        yield Finding(
            Level.FAIL, "machine", f"{sys.platform} {machine}", "run on Linux, x86-64 or arm64"
        )


def _room(home: Home) -> Iterator[Finding]:
    memory = psutil.virtual_memory().available / GIB
    yield _enough("memory", memory, MEMORY_GIB, "close something, or start fewer replicas")
    existing = next(folder for folder in (home.root, *home.root.parents) if folder.exists())
    disk = shutil.disk_usage(existing).free / GIB
    yield _enough("disk", disk, DISK_GIB, f"make room on the disk of {existing}")


def _enough(subject: str, gib: float, wanted: float, remedy: str) -> Finding:
    text = f"{gib:.1f} GiB free"
    if gib >= wanted:
        return Finding(Level.OK, subject, text)
    return Finding(Level.WARN, subject, f"{text}; {wanted:.1f} GiB are comfortable", remedy)


def _rights(home: Home) -> Iterator[Finding]:
    folder = next(folder for folder in (home.root, *home.root.parents) if folder.exists())
    if os.access(folder, os.W_OK | os.X_OK):
        yield Finding(Level.OK, "home", str(home.root))
    else:
        remedy = "set PHAROS_HOME to a folder that you may write"
        yield Finding(Level.FAIL, "home", f"{folder} cannot be written", remedy)


def _account() -> Iterator[Finding]:
    try:
        account = unprivileged()
    except PreparationError as error:
        yield Finding(Level.FAIL, "postgres user", str(error), "run as an ordinary user")
        return
    yield Finding(Level.OK, "postgres user", account.name or "yours")


def _ports(home: Home) -> Iterator[Finding]:
    base = home.ports.base
    listed = f"{base} to {base + FIRST_SLOT + 31}"
    if stack_processes(home):
        yield Finding(Level.OK, "ports", f"{listed}, used by this stack")
        return
    wanted = [(name, home.ports[name]) for name in OFFSETS]
    wanted += [("api-1", port) for port in home.ports.replica(1)]
    wanted += [("api-2", port) for port in home.ports.replica(2)]
    held = taken(wanted)
    for one in held:
        text = f"{one.port}, wanted by {one.component}, is held by {one.holder}"
        yield Finding(Level.FAIL, "ports", text, "stop it, or set PHAROS_PORT_BASE to another base")
    if not held:
        yield Finding(Level.OK, "ports", f"{listed} are free")


def _programs() -> Iterator[Finding]:
    for source in plan():
        if source.found == "missing":
            yield Finding(Level.FAIL, source.program, "missing", source.detail)
        else:
            yield Finding(Level.OK, source.program, f"{source.found}: {source.detail}")


def _stack(home: Home, parts: Parts) -> Iterator[Finding]:
    if not stack_processes(home):
        yield Finding(Level.OK, "stack", "not running: `pharos up` starts it")
        return
    status = status_now(home, parts)
    for part in status.components:
        if part.state is ComponentState.READY:
            continue
        level = Level.WARN if part.state is ComponentState.STARTING else Level.FAIL
        remedy = (
            "`pharos up` starts it"
            if part.state is ComponentState.STOPPED
            else (f"`pharos logs {part.name}` shows why")
        )
        yield Finding(level, part.name, part.state.value, remedy)
    if status.ready:
        yield Finding(Level.OK, "stack", f"{len(status.components)} components, all ready")


def faults_on_the_way(home: Home) -> Iterator[Finding]:
    """Say what a drill, or somebody by hand, has put on the product's way to its servers."""
    wanted = read_wanted(home)
    if wanted is None or "faults" not in wanted.extras:
        return
    try:
        found = faultproxy.faults(home)
    except (OSError, NotHealthyError, ValueError):
        return  # that it does not answer was said of the stack's part of that name
    remedy = f"`curl -X POST http://127.0.0.1:{home.ports[faultproxy.NAME]}/reset` removes all"
    for words in found:
        yield Finding(Level.WARN, "fault", words, remedy)
    if not found:
        yield Finding(Level.OK, "faults", "none on the way to PostgreSQL, Redis and RabbitMQ")
