"""`pharos down`: stops the whole stack, and makes sure that it did."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from deploy.home import Home
from deploy.local.holders import held_by, listening_pids
from deploy.local.interruption import uninterrupted
from deploy.local.layout import MODES, StackError, changing, histories, require_home
from deploy.local.stopping import Report, stack_processes, stop_everything


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many processes were ended, and whether the data was removed."""

    ended: int
    wiped: bool


def down(home: Home, report: Report, *, wipe: bool = False) -> Outcome:
    """End every process of the stack; with `wipe`, remove all that it kept.

    Raises:
        StackError: the folder is no home, or something of the stack still runs or listens.
    """
    if not home.run.exists():
        return Outcome(0, wiped=False)
    require_home(home)
    with changing(home, lambda who: report(f"waiting: {who} is changing this stack")):
        ours = held_by([process.identity.pid for process in stack_processes(home)])
        with uninterrupted():
            ended = stop_everything(home, report)
        home.stack_file.unlink(missing_ok=True)
        _forget_what_was_put_aside(home)
        _require_nothing_left(home, ours)
        if wipe:
            _wipe(home)
    return Outcome(ended, wiped=wipe)


def _forget_what_was_put_aside(home: Home) -> None:
    """Leases and who was put aside are of processes that have ended: the next begin without."""
    for folder in (home.leases, home.aside):
        if folder.exists():
            _remove(folder)


def _require_nothing_left(home: Home, ports: set[int]) -> None:
    left = [process.identity.pid for process in stack_processes(home)]
    if left:
        raise StackError(f"these processes of the stack still run: {', '.join(map(str, left))}")
    listening = sorted(ports & listening_pids().keys())
    if listening:
        raise StackError(
            f"ports of the stack are still listened on: {', '.join(map(str, listening))}. "
            "`pharos doctor` says by whom"
        )


def _wipe(home: Home) -> None:
    # Only what is ours by name: an operator's files stay. The lock and the mark go last,
    # so that what was wiped in part can be wiped again.
    kept = [home.root / name for name in MODES if name not in ("root", home.run.name)]
    for path in (*kept, *histories(home), home.run, home.mark_file):
        _remove(path)


def _remove(path: Path) -> None:
    try:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    except FileNotFoundError:
        return
    except OSError as error:
        raise StackError(f"cannot remove {error.filename}: {error.strerror}") from error
