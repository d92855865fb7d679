"""Becomes one component: `python -I -m deploy.local.launch HOME/run/launch/NAME.json`.

circus starts this, and this becomes the program by `exec`, so that the pid
stays the one that circus watches. Before that it waits if the last runs were
short (circus itself restarts a crashing program at once, for ever), notes what
it is about to run, and opens the log file itself: a pipe to circus would break
with it, and what circus started shall outlive it. While a hold is on disk
(`deploy.local.holds`) it waits, too: until the hold's own deadline at most, so
that a component which is kept down comes back whoever died meanwhile.
Standard library only, since every start pays for these imports.
"""

import json
import os
import pwd
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

# The first restart is immediate; a run of STABLE_SECONDS wipes the slate.
DELAYS = (0.0, 0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
STABLE_SECONDS = 10.0
HOLD_LOOK = 0.1
# Without a record no run counts as short: circus would start a crashing program at once, for ever.
UNRECORDED_DELAY = 1.0
CANNOT_RUN = 127


def boot_id() -> str:
    """Return what tells this boot of the machine from every other."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def uptime() -> float:
    """Return seconds since boot: a clock that nobody sets."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def start_ticks(stat: str) -> int:
    """Return the start time (field 22 of /proc/PID/stat), which survives `exec`."""
    return int(stat.rpartition(")")[2].split()[19])


def record_file(spec_file: Path) -> Path:
    """Return where the starts of a component are recorded."""
    return spec_file.with_suffix(".state")


def hold_file(spec_file: Path) -> Path:
    """Return where it is said until when a component must not start."""
    return spec_file.with_suffix(".hold")


def held_until(hold: Path, boot: str) -> float:
    """Return the end of a component's hold, in seconds since boot; 0 without one."""
    try:
        said = json.loads(hold.read_text())
        return float(said["until"]) if said["boot"] == boot else 0.0
    except (FileNotFoundError, ValueError, LookupError, TypeError):
        return 0.0


def short_runs(last: dict[str, Any] | None, now: float, boot: str) -> int:
    """Return how many runs in a row, up to this start, ended too soon."""
    if last is None or last["boot"] != boot or now - last["since"] >= STABLE_SECONDS:
        return 0
    return int(last["short_runs"]) + 1


def starts(last: dict[str, Any] | None) -> int:
    """Return the number of this start, from 1 where the component was just set up."""
    # A version that did not count may have written the last one.
    return 1 if last is None else int(last.get("starts", 1)) + 1


def delay_before(runs: int) -> float:
    """Return the seconds to wait after `runs` short runs in a row."""
    return DELAYS[min(runs, len(DELAYS) - 1)]


def _last(path: Path) -> dict[str, Any] | None:
    try:
        record: dict[str, Any] = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return record


def _note(path: Path, record: dict[str, Any]) -> bool:
    """Replace the launch record; returns False where the disk takes none, and the last one stays.

    What dies on a full disk must come back all the same.
    """
    fresh = path.with_suffix(".noting")
    try:
        fresh.write_text(json.dumps(record))
        fresh.replace(path)
    except OSError as error:
        _say(f"this start cannot be recorded: {error.strerror}")
        with suppress(OSError):
            fresh.unlink()
        return False
    return True


def _say(text: str) -> None:
    # The log may lie on the disk that is full.
    with suppress(OSError):
        sys.stderr.write(f"launch: {time.strftime('%FT%TZ', time.gmtime())} {text}\n")


def _note_and_wait(path: Path, hold: Path) -> None:
    boot = boot_id()
    last = _last(path)
    runs = short_runs(last, uptime(), boot)
    delay = delay_before(runs)
    record = {
        "pid": os.getpid(),
        "ticks": start_ticks(Path("/proc/self/stat").read_text()),
        "boot": boot,
        "short_runs": runs,
        "starts": starts(last),
        "since": max(uptime() + delay, held_until(hold, boot)),
    }
    if not _note(path, record):
        delay = max(delay, UNRECORDED_DELAY)
    if delay:
        _say(f"{runs} short runs in a row, next start in {delay} s")
        time.sleep(delay)
    held = _wait_while_held(path, hold, record)
    if delay or held:
        _note(path, record | {"since": uptime()})


def _wait_while_held(path: Path, hold: Path, record: dict[str, Any]) -> bool:
    """Wait until the hold is lifted or its deadline passes; returns whether there was one.

    The record tells until when.
    """
    told = 0.0
    while (until := held_until(hold, record["boot"])) > uptime():
        if until != told:
            _say(f"held down for {until - uptime():.1f} s")
            _note(path, record | {"since": until})
            told = until
        time.sleep(HOLD_LOOK)
    return told > 0


def _open_streams(log: str) -> None:
    fd = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.fchmod(fd, 0o644)
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (fd, 1), (fd, 2)):
        os.dup2(source, target)
    for spare in {null, fd} - {0, 1, 2}:
        os.close(spare)


def _become(user: str | None) -> None:
    if user is None or os.geteuid() != 0:
        return
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def _plain_signals() -> None:
    """Undo what Python and a background shell ignore: `exec` would hand it on."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def main() -> None:
    """Read the spec, wait if need be, and become the program; exit 127 if it cannot run."""
    _plain_signals()
    spec_file = Path(sys.argv[1])
    spec = json.loads(spec_file.read_text())
    _open_streams(spec["log"])
    os.umask(0o077)
    _note_and_wait(record_file(spec_file), hold_file(spec_file))
    try:
        os.chdir(spec["cwd"])
        _become(spec["run_as"])
        os.execve(spec["argv"][0], spec["argv"], spec["env"])  # noqa: S606
    except (OSError, KeyError) as error:
        _say(f"{spec['argv'][0]} cannot run: {error}")
        sys.exit(CANNOT_RUN)


if __name__ == "__main__":
    main()
