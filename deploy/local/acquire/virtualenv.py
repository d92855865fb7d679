"""Gets the error tracker: a locked set of Python packages, in an environment of its own.

It is not installed beside our own packages, since it pins other releases of
some of them. The environment is named after its lock file, so that a new lock
makes a new one.
"""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from deploy.home import PROJECT
from deploy.local.acquire import folder
from deploy.local.acquire.errors import AcquireError

LOCK = PROJECT / "deploy" / "errors" / "requirements.lock"


def tracker_python() -> Path:
    """Return the environment's interpreter, which may not be there yet."""
    wanted = LOCK.read_bytes() + sys.version.encode()
    digest = hashlib.sha256(wanted).hexdigest()[:12]
    return folder.release_folder() / f"tracker-{digest}" / "bin" / "python"


def tracker(progress: Callable[[str], None]) -> Path:
    """Return the interpreter, making the environment first if need be (about half a minute).

    Raises:
        AcquireError: it could not be made; the message has pip's last words.
    """
    python = tracker_python()
    if python.exists():
        return python
    try:
        with folder.locked() as shelf:
            if not python.exists():
                with folder.workplace(shelf) as work:
                    _install(work / "venv", progress)
                    (work / "venv").rename(python.parent.parent)
    except OSError as error:
        raise AcquireError(f"{folder.release_folder()}: {error.strerror}") from error
    return python


def _install(venv: Path, progress: Callable[[str], None]) -> None:
    """Only wheels whose digests are in the lock: nothing is built, nothing is unchecked."""
    progress("installing the error tracker's locked packages (once, about half a minute)")
    _run(sys.executable, "-m", "venv", str(venv))
    pip = (str(venv / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install")
    _run(*pip, "--quiet", "--require-hashes", "--only-binary", ":all:", "-r", str(LOCK))


def _run(*command: str) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        words = (result.stderr or result.stdout).strip().splitlines()[-5:]
        raise AcquireError(
            "the error tracker could not be installed (leave out --with errors to go on): "
            + "\n".join(words)
        )
