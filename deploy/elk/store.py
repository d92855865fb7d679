"""Where log lines are shipped to: a given Elasticsearch, or the test server of this stack.

`PHAROS_ELASTICSEARCH_URL` names a given one when the stack is started; a user
with the password in a file of mode 0600, and the file of a certificate
authority, are optional. The choice is kept in the home, so that `status`, the
node agent and a later `up` know it without these variables.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict

from deploy.home import Home

URL, USER, PASSWORD_FILE, CA = (
    f"PHAROS_ELASTICSEARCH_{name}" for name in ("URL", "USER", "PASSWORD_FILE", "CA")
)


class StoreError(Exception):
    """The log store cannot be used; the message names the variable, or the address, and why."""


class Store(BaseModel):
    """One log store; `password_file` and `ca` are paths. The password itself is never kept here."""

    model_config = ConfigDict(frozen=True)

    url: str
    given: bool = False
    user: str | None = None
    password_file: Path | None = None
    ca: Path | None = None

    def variables(self) -> dict[str, str]:
        """Return the variables that name this store, as the caller's would."""
        told = {URL: self.url, USER: self.user, PASSWORD_FILE: self.password_file, CA: self.ca}
        return {name: str(value) for name, value in told.items() if value}

    def password(self) -> str:
        """Return the password; empty without a user.

        Raises:
            StoreError: its file cannot be read, or others may read it.
        """
        if self.password_file is None:
            return ""
        try:
            if self.password_file.stat().st_mode & 0o077:
                raise StoreError(
                    f"{PASSWORD_FILE}: {self.password_file} can be read by others: `chmod 600` it"
                )
            return self.password_file.read_text().strip()
        except OSError as error:
            raise StoreError(
                f"{PASSWORD_FILE}: {self.password_file} cannot be read: {error.strerror}"
            ) from error


def store_of(home: Home) -> Store:
    """Return where this stack ships to: the store that `up` was given, or its own test server."""
    try:
        return Store.model_validate_json(_file(home).read_text())
    except FileNotFoundError:
        return Store(url=f"http://127.0.0.1:{home.ports['logstore']}")


def given_store(environment: Mapping[str, str] = os.environ) -> Store | None:
    """Return the store that the caller's variables name; None when they name none.

    Raises:
        StoreError: a variable's value cannot be used.
    """
    url = environment.get(URL)
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        raise StoreError(f"{URL} must look like https://host:9200, without a path")
    if parts.username or parts.password:
        raise StoreError(f"{URL} must not hold a password: set {USER} and {PASSWORD_FILE}")
    user, password_file = environment.get(USER), environment.get(PASSWORD_FILE)
    if bool(user) != bool(password_file):
        raise StoreError(f"{USER} and {PASSWORD_FILE} belong together: set both or neither")
    ca = environment.get(CA)
    if ca and not Path(ca).is_file():
        raise StoreError(f"{CA}: there is no file {ca}")
    store = Store(
        url=f"{parts.scheme}://{parts.hostname}:{parts.port or 9200}",
        given=True,
        user=user or None,
        password_file=Path(password_file).resolve() if password_file else None,
        ca=Path(ca).resolve() if ca else None,
    )
    store.password()
    return store


def keep_store(home: Home, store: Store | None) -> None:
    """Remember a given store for this stack; None forgets it, so that the test server is meant."""
    if store is None:
        _file(home).unlink(missing_ok=True)
    else:
        _file(home).write_text(store.model_dump_json())


def _file(home: Home) -> Path:
    return home.conf / "logstore.json"
