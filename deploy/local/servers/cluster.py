"""PostgreSQL's data folder: made whole or not at all, and matched with a program of its release."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.component import PreparationError
from deploy.local.servers.account import Account, open_path


@dataclass(frozen=True, slots=True)
class Cluster:
    """One data folder below a home, with the role and the database that it is made with."""

    home: Path
    data: Path
    role: str
    database: str
    account: Account

    def program(self, newest: Path) -> Path:
        """Return the `postgres` of the data's release if the machine has it, else the newest."""
        release = self._release()
        if release is None:
            return newest
        matching = newest.parents[2] / release / "bin" / newest.name
        return matching if matching.exists() else newest

    def version(self, program: Path, env: Mapping[str, str]) -> str:
        """Return the program's exact release, such as `15.18`."""
        return self.account.run((str(program), "--version"), env).stdout.split()[2]

    def ensure(self, program: Path, env: Mapping[str, str], password: str) -> None:
        """Make the data folder if it is missing, and take away what would prevent a start.

        Raises:
            PreparationError: it could not be made, or is of another release.
        """
        self.data.parent.mkdir(parents=True, exist_ok=True)
        open_path(self.account, self.home, self.data.parent)
        release = self._release()
        if release is None:
            self._create(program, env, password)
            return
        major = self.version(program, env).split(".")[0]
        if major != release:
            raise PreparationError(
                f"{self.data} was made by PostgreSQL {release}, and only {major} can be had: "
                f"install {release}, or give the data up with `pharos down --wipe`"
            )
        self._remove_stale_lock()

    def _release(self) -> str | None:
        version = self.data / "PG_VERSION"
        return version.read_text().strip() if version.exists() else None

    def _create(self, program: Path, env: Mapping[str, str], password: str) -> None:
        """Build beside the final place and rename, so that an interrupted start leaves no half."""
        fresh = self.data.with_name(f"{self.data.name}.partial")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self.account.own(fresh)
        try:
            with self._password_file(password) as file:
                options = ("-A", "scram-sha-256", "-E", "UTF8", "--locale=C", f"--pwfile={file}")
                initdb = (str(program.with_name("initdb")), "-D", str(fresh), "-U", self.role)
                self.account.run((*initdb, *options), env)
            single = (str(program), "--single", "-D", str(fresh), "template1")
            self.account.run(single, env, f"CREATE DATABASE {self.database}\n")
            fresh.rename(self.data)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    @contextmanager
    def _password_file(self, password: str) -> Iterator[Path]:
        """initdb takes a password from a file alone; it must be the account's to read."""
        path = self.data.with_name(f".password.{os.getpid()}")
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(password)
            self.account.own(path)
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _remove_stale_lock(self) -> None:
        """After a reboot the pid in the lock file can be another program's.

        PostgreSQL itself only asks whether that pid lives, and would refuse to
        start for as long as the other program does.
        """
        lock = self.data / "postmaster.pid"
        if not lock.exists():
            return
        pid = lock.read_text().split("\n", 1)[0]
        try:
            command = Path("/proc", pid, "cmdline").read_bytes()
        except OSError:
            command = b""
        if os.fsencode(self.data) not in command.split(b"\0"):
            lock.unlink()
