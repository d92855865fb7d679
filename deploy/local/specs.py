"""What is on disk of each component: how it is launched, and its launch record."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.home import Home
from deploy.local.component import Component
from deploy.local.launch import STABLE_SECONDS, boot_id, hold_file, record_file, uptime
from deploy.local.processes import COMPONENT_MARK, STACK_MARK, Identity, alive

# What a process of ours may inherit from the shell that `up` was typed in.
INHERITED = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR")
# The caller's own access to some control service is none of the stack's business.
WITHHELD = ("PHAROS_URL", "PHAROS_TOKEN", STACK_MARK, COMPONENT_MARK)
LOOPING_AFTER = 2


@dataclass(frozen=True, slots=True)
class StopRule:
    """How a component is asked to end, and how long it may take (seconds)."""

    signal: int
    timeout: float
    rank: int


@dataclass(frozen=True, slots=True)
class LaunchRecord:
    """The last start of a component, and its number since the component was set up, from 1."""

    identity: Identity
    short_runs: int
    since: float
    starts: int

    @property
    def waiting(self) -> bool:
        """True while the launcher holds the next start back."""
        return self.since > uptime()

    @property
    def looping(self) -> bool:
        """True while run after run ends too soon."""
        return self.short_runs >= LOOPING_AFTER and uptime() - self.since < STABLE_SECONDS


@dataclass(frozen=True, slots=True)
class Life:
    """One look at a component: its last start of this boot, and whether that process lived then."""

    record: LaunchRecord | None
    living: bool

    @property
    def running(self) -> LaunchRecord | None:
        return self.record if self.living else None


def launch_folder(home: Home) -> Path:
    return home.run / "launch"


def spec_file(home: Home, name: str) -> Path:
    return launch_folder(home) / f"{name}.json"


def base_environment(home: Home) -> dict[str, str]:
    """Return what every process of the stack gets: a few of the caller's variables, and ours."""
    passed = {name: os.environ[name] for name in INHERITED if name in os.environ}
    passed |= {
        name: value
        for name, value in os.environ.items()
        if name.startswith("PHAROS_") and name not in WITHHELD
    }
    return passed | {
        "PHAROS_HOME": str(home.root),
        "PHAROS_PORT_BASE": str(home.ports.base),
        STACK_MARK: home.stack_id,
    }


def write_spec(home: Home, component: Component, rank: int) -> Path:
    """Write how `component` is launched and stopped; `rank` orders the stops, highest first.

    The file may hold passwords of a server's environment: mode 0600. An old
    launch record is dropped, so that a fresh start owes nothing to an old crash.
    """
    path = spec_file(home, component.name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    record_file(path).unlink(missing_ok=True)
    spec = {
        "name": component.name,
        "argv": list(component.argv),
        "cwd": str(component.cwd),
        "log": str(component.log),
        "run_as": component.run_as,
        "stop_signal": int(component.stop_signal),
        "stop_timeout": component.stop_timeout,
        "rank": rank,
        "env": base_environment(home) | dict(component.env) | {COMPONENT_MARK: component.name},
    }
    fresh = path.with_suffix(".fresh")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(spec, file)
    fresh.replace(path)
    return path


def launched_with(home: Home, name: str) -> Mapping[str, str]:
    """Return the environment that a component was last launched with; empty where it never was."""
    try:
        environment: Mapping[str, str] = json.loads(spec_file(home, name).read_text())["env"]
    except FileNotFoundError:
        return {}
    return environment


def remove_spec(home: Home, name: str) -> None:
    path = spec_file(home, name)
    path.unlink(missing_ok=True)
    record_file(path).unlink(missing_ok=True)
    hold_file(path).unlink(missing_ok=True)


def stop_rules(home: Home) -> dict[str, StopRule]:
    """Return the stop rule of every component that was launched, from disk alone."""
    rules = {}
    for path in launch_folder(home).glob("*.json"):
        try:
            spec = json.loads(path.read_text())
        except FileNotFoundError:
            # Removed since it was listed, as a replica is that is scaled away.
            continue
        rules[spec["name"]] = StopRule(spec["stop_signal"], spec["stop_timeout"], spec["rank"])
    return rules


def read_record(home: Home, name: str) -> LaunchRecord | None:
    """Return a component's last start of this boot; None when there was none."""
    try:
        raw = json.loads(record_file(spec_file(home, name)).read_text())
    except (FileNotFoundError, ValueError):
        return None
    if raw["boot"] != boot_id():
        return None
    identity = Identity(raw["pid"], raw["ticks"])
    return LaunchRecord(identity, raw["short_runs"], raw["since"], raw.get("starts", 1))


def look_at(home: Home, name: str) -> Life:
    record = read_record(home, name)
    return Life(record, living=record is not None and alive(record.identity))


def running(home: Home, name: str) -> LaunchRecord | None:
    """Return a component's last start if that process still lives."""
    return look_at(home, name).running


def write_record(home: Home, name: str, identity: Identity) -> None:
    """Record a start that did not go through the launcher: the supervisor's own."""
    launch_folder(home).mkdir(mode=0o700, parents=True, exist_ok=True)
    record = {
        "pid": identity.pid,
        "ticks": identity.ticks,
        "boot": boot_id(),
        "short_runs": 0,
        "since": uptime(),
        "starts": 1,
    }
    record_file(spec_file(home, name)).write_text(json.dumps(record))


def read_records(home: Home) -> Mapping[str, LaunchRecord]:
    """Return each component's last start of this boot, dead or alive."""
    records = {
        path.stem: read_record(home, path.stem) for path in launch_folder(home).glob("*.state")
    }
    return {name: record for name, record in records.items() if record}


def recorded_identities(home: Home) -> Mapping[str, Identity]:
    """Return who each launch record of this boot names, dead or alive."""
    return {name: record.identity for name, record in read_records(home).items()}
