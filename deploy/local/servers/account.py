"""The account that a server runs as when root starts the stack and the server refuses root."""

import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.component import PreparationError

CANDIDATES = ("postgres", "nobody")
PASSABLE = 0o711


@dataclass(frozen=True, slots=True)
class Account:
    """`name` is None for the caller's own account."""

    name: str | None
    uid: int
    gid: int

    def own(self, path: Path) -> None:
        """Give a file or folder to the account."""
        if self.name is not None:
            os.chown(path, self.uid, self.gid)

    def run(
        self, command: Sequence[str], env: Mapping[str, str], text: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as the account, with `text` as its input.

        Raises:
            PreparationError: it failed; the message has its last words.
        """
        become = self.name is not None
        result = subprocess.run(
            command,
            env={**os.environ, **env},
            input=text,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            user=self.uid if become else None,
            group=self.gid if become else None,
            extra_groups=() if become else None,
        )
        if result.returncode != 0:
            raise PreparationError(
                f"{command[0]} failed: {(result.stderr or result.stdout).strip()}"
            )
        return result


def unprivileged() -> Account:
    """Return the caller's account, or the first of CANDIDATES when the caller is root.

    Raises:
        PreparationError: root called, and the machine has none of them.
    """
    if os.geteuid() != 0:
        return Account(None, os.geteuid(), os.getegid())
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise PreparationError(
        "PostgreSQL never runs as root, and there is no user postgres or nobody to become: "
        "run pharos as an ordinary user"
    )


def open_path(account: Account, home: Path, folder: Path) -> None:
    """Let the account pass through our folders down to `folder`.

    Raises:
        PreparationError: a folder above the home is closed to it.
    """
    if account.name is None:
        return
    for ours in (folder, *folder.parents):
        if ours.is_relative_to(home):
            ours.chmod(ours.stat().st_mode | PASSABLE)
    try:
        account.run(("test", "-x", str(folder)), {})
    except PreparationError as error:
        raise PreparationError(
            f"user {account.name} cannot reach {folder}: "
            "set PHAROS_HOME to a folder below one that all users may enter"
        ) from error
