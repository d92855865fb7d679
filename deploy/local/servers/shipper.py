"""rsyslog: ships the lines of the stack's log files to the log store; only with `--with elk`."""

import platform
import sys
import time
from functools import partial

from deploy.elk.client import install, version
from deploy.elk.shipper import Places, configuration
from deploy.elk.store import Store, StoreError, store_of
from deploy.home import Home
from deploy.local.acquire import Shipper, present_shipper
from deploy.local.component import Component, Health, PreparationError
from deploy.local.processes import alive
from deploy.local.servers.files import write_config
from deploy.local.specs import running

NAME = "shipper"
# The stack's own store starts beside it.
STORE_SECONDS = 15.0


def places(home: Home) -> Places:
    """Return what the shipper reads and where it keeps its place."""
    return Places(
        host=platform.node(),
        stack=home.stack_id,
        logs=home.logs,
        state=home.data / NAME,
        refused=home.logs / "shipper-refused.jsonl",
        unanswered=home.data / NAME / "unanswered.json",
    )


def component(home: Home) -> Component:
    """Return the shipper; it listens nowhere."""
    found = present_shipper()
    program = str(found.executable) if found else "rsyslogd"
    return Component(
        name=NAME,
        argv=(*_recovery(home), program, "-n", "-i", "NONE", "-f", _file(home), *_modules(found)),
        cwd=home.run,
        log=home.logs / f"{NAME}.log",
        health=partial(check, home),
        # It reads these nowhere; by them `up` sees that it ships to another store than it should.
        env=(found.env if found else {}) | store_of(home).variables(),
        prepare=partial(_prepare, home),
        remedy="The product works without it: `pharos down`, then `up` without --with elk.",
    )


def check(home: Home) -> Health:
    """Healthy while it runs; whether lines arrive is told by the lag of the heartbeats."""
    record = running(home, NAME)
    if record is None or not alive(record.identity):
        return Health(ok=False, detail="not running")
    if record.short_runs:
        return Health(ok=False, detail=f"ended {record.short_runs} times in a row")
    return Health(ok=True)


def _file(home: Home) -> str:
    return str(home.conf / "rsyslog.conf")


def _recovery(home: Home) -> tuple[str, ...]:
    """At each start, the supervisor's own too: what a killed one left is made whole first."""
    return (sys.executable, "-I", "-m", "deploy.elk.recovery", str(places(home).state))


def _modules(found: Shipper | None) -> tuple[str, ...]:
    return ("-M", str(found.modules)) if found else ()


def _prepare(home: Home) -> None:
    """The templates must be there before the first line, which else would shape the index."""
    if present_shipper() is None:
        raise PreparationError("rsyslog is not there: run `pharos up --with elk`")
    wanted = places(home)
    wanted.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        store = store_of(home)
        write_config(home.conf / "rsyslog.conf", configuration(wanted, store))
        _install(store)
    except StoreError as error:
        raise PreparationError(f"{error}. Start the stack without --with elk to go on") from error


def _install(store: Store) -> None:
    deadline = time.monotonic() + STORE_SECONDS
    while not store.given and time.monotonic() < deadline:
        try:
            version(store)
        except StoreError:
            time.sleep(0.2)
        else:
            break
    install(store)
