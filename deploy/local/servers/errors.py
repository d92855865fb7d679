"""Bugsink: the error tracker, which speaks Sentry's protocol; only with `--with errors`."""

import os
import secrets
import subprocess
from functools import partial
from pathlib import Path

from deploy.home import Home
from deploy.local.acquire import tracker_python
from deploy.local.component import Component, Health, PreparationError
from deploy.local.servers.files import write_config
from deploy.local.servers.probe import get_text, healthy
from deploy.local.servers.tracker_project import project_dsn
from deploy.secrets import read_secret, write_secret

NAME = "errors"
# Who may look at the tracker's pages; the password is the key `errors_password`.
PERSON = "pharos@localhost"
DSN = "sentry_dsn"
DJANGO_KEY, PASSWORD, TOKEN = "errors_django_key", "errors_password", "errors_token"

# The tracker is told everything by this Python module. Its tasks run within the
# request, so that one process is enough.
CONFIGURATION = """\
from pathlib import Path

from bugsink.settings.default import *

SECRET_KEY = Path({key!r}).read_text()
DATABASES["default"]["NAME"] = {data!r} + "/db.sqlite3"
DATABASES["snappea"]["NAME"] = {data!r} + "/snappea.sqlite3"
TIME_ZONE = "UTC"
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
SESSION_COOKIE_NAME = "errors_session_{stack}"
CSRF_COOKIE_NAME = "errors_csrf_{stack}"
SNAPPEA = {{"TASK_ALWAYS_EAGER": True}}
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
BUGSINK = {{
    "BASE_URL": {url!r},
    "SITE_TITLE": "Pharos errors",
    "SINGLE_USER": True,
    "SINGLE_TEAM": True,
    "USER_REGISTRATION": "CB_NOBODY",
    "INGEST_STORE_BASE_DIR": {data!r} + "/ingestion",
    "PHONEHOME": False,
}}
"""

# In one process: each start of the tracker's framework takes a second or two.
MIGRATE = """\
import django
from django.core.management import call_command

django.setup()
call_command("migrate", verbosity=0)
call_command("migrate", database="snappea", verbosity=0)
call_command("prestart")
"""


def component(home: Home) -> Component:
    """Return the tracker: one worker process, on the loopback address."""
    return Component(
        name=NAME,
        argv=(
            *(str(tracker_python()), "-m", "gunicorn"),
            *("--bind", f"127.0.0.1:{home.ports[NAME]}"),
            *("--workers", "1", "--threads", "4", "--no-control-socket"),
            "bugsink.wsgi",
        ),
        cwd=_folder(home),
        log=home.logs / f"{NAME}.log",
        health=partial(check, home),
        port=home.ports[NAME],
        env=_environment(home),
        prepare=partial(_prepare, home),
        remedy="The product works without it: `pharos down`, then `up` without --with errors.",
    )


def check(home: Home) -> Health:
    """Healthy once it answers requests."""
    return healthy(partial(_ask, home))


def ensure_project(home: Home) -> str:
    """Return where our processes report exceptions (a DSN), and keep it among the keys.

    The tracker must be healthy. Safe to repeat.

    Raises:
        PreparationError: the tracker gave no project.
    """
    if not (home.keys / TOKEN).exists():
        write_secret(
            home.keys / TOKEN,
            _run(home, "-m", "bugsink.scripts.manage", "create_auth_token").split()[-1],
        )
    dsn = project_dsn(url(home), read_secret(home.keys, TOKEN))
    write_secret(home.keys / DSN, dsn)
    return dsn


def _ask(home: Home) -> None:
    get_text(home.ports[NAME], "/health/ready")


def _prepare(home: Home) -> None:
    python = tracker_python()
    if not python.exists():
        raise PreparationError("the error tracker is not installed: run `pharos up --with errors`")
    data = home.data / NAME
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in (DJANGO_KEY, PASSWORD):
        if not (home.keys / name).exists():
            write_secret(home.keys / name, secrets.token_urlsafe(32))
    write_config(_folder(home) / "bugsink_conf.py", configuration(home))
    _migrate(home, data / "migrated")


def _migrate(home: Home, marker: Path) -> None:
    """Bring the tracker's databases up to date, once for each environment."""
    environment = str(tracker_python())
    if marker.exists() and marker.read_text() == environment:
        return
    person = f"{PERSON}:{read_secret(home.keys, PASSWORD)}"
    _run(home, "-c", MIGRATE, extra={"CREATE_SUPERUSER": person})
    # A token of databases that are gone would only be refused.
    (home.keys / TOKEN).unlink(missing_ok=True)
    write_config(marker, environment)


def configuration(home: Home) -> str:
    """Return the tracker's settings module; its secret stays among the keys."""
    return CONFIGURATION.format(
        key=str(home.keys / DJANGO_KEY),
        data=str(home.data / NAME),
        stack=home.stack_id,
        url=url(home),
    )


def _run(home: Home, *arguments: str, extra: dict[str, str] | None = None) -> str:
    result = subprocess.run(
        (str(tracker_python()), *arguments),
        cwd=_folder(home),
        env={**os.environ, **_environment(home), **(extra or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        words = result.stderr.strip().splitlines()[-3:]
        raise PreparationError(f"the error tracker could not be prepared: {' '.join(words)}")
    return result.stdout


def _environment(home: Home) -> dict[str, str]:
    return {"PYTHONPATH": str(_folder(home)), "DJANGO_SETTINGS_MODULE": "bugsink_conf"}


def _folder(home: Home) -> Path:
    return home.conf / NAME


def url(home: Home) -> str:
    """Return where the tracker answers."""
    return f"http://127.0.0.1:{home.ports[NAME]}"


def sign_in_note(home: Home) -> str:
    """Return how a person signs in; the password stays in its file."""
    return f"sign in as {PERSON}, password in {home.keys / PASSWORD}"
