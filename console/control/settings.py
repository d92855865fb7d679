"""What the control service is told from outside: its home, its tokens, and what is beside it."""

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import get_args

from backend.observability.spans import Collector
from console.access_schemas import Scope
from console.control.storage.files import database_file, heads_file
from console.schemas import Environment
from deploy.home import Home
from deploy.secrets import read_secret


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token from the home's keys: who it acts as, and all that it may do."""

    secret_file: str
    actor: str
    scopes: frozenset[Scope]


# Whoever can read the keys owns the machine that the stack is on.
TOKENS = (
    Token("operator_token", "operator@local (cli)", frozenset({"admin", "mint"})),
    Token("console_token", "console@local", frozenset({"mint"})),
    Token("metrics_token", "prometheus@local", frozenset({"metrics"})),
    Token("webhook_token", "alertmanager@local", frozenset({"webhook"})),
)


# The share of a core, or of its pool, that a replica may use: where ReplicaSaturated begins.
HEADROOM_LIMIT = 0.7


@dataclass(frozen=True, slots=True)
class Grafana:
    """Where annotations go, and who we are there: a token, or a name with its password."""

    url: str
    auth: str | tuple[str, str]


@dataclass(frozen=True, slots=True)
class Settings:
    """One control service."""

    home: Home
    tokens: dict[str, Token]
    environment: Environment = "local"
    log_file: Path | None = None
    sentry_dsn: str | None = None
    grafana: Grafana | None = None
    collector: Collector | None = None
    scale_timeout: timedelta = timedelta(seconds=120)
    drain_limit: timedelta = timedelta(seconds=30)
    return_limit: timedelta = timedelta(seconds=90)
    watchdog_limit: timedelta = timedelta(seconds=30)
    watchdog_grace: timedelta = timedelta(seconds=60)
    # For guards that cannot tell yet: a stack that has just come up is scraped every 2 s.
    guard_patience: timedelta = timedelta(seconds=3)
    headroom_limit: float = HEADROOM_LIMIT

    @property
    def database(self) -> Path:
        return database_file(self.home)

    @property
    def audit_heads(self) -> Path:
        return heads_file(self.home)

    @property
    def release_file(self) -> Path:
        """Which release of the service ran last on this home."""
        return self.home.data / "control" / "release"

    @property
    def cookie(self) -> str:
        """Cookies ignore ports, so the name tells two stacks of one machine apart."""
        return f"pharos_{self.home.stack_id}"


def read_settings() -> Settings:
    """Read the environment and the keys of the home.

    Raises:
        ValueError: a variable cannot be used; the message names it.
        FileNotFoundError: a key was never generated: `pharos up` makes them.
    """
    home = Home.from_environment()
    log_file = os.environ.get("PHAROS_LOG_FILE")
    return Settings(
        home=home,
        tokens={read_secret(home.keys, token.secret_file): token for token in TOKENS},
        environment=_environment(os.environ.get("PHAROS_ENVIRONMENT", "local")),
        log_file=Path(log_file) if log_file else None,
        sentry_dsn=os.environ.get("PHAROS_SENTRY_DSN") or None,
        grafana=_grafana(),
        collector=Collector.from_environment(),
        headroom_limit=_share("PHAROS_HEADROOM_LIMIT", HEADROOM_LIMIT),
    )


def _environment(text: str) -> Environment:
    for known in get_args(Environment):
        if text == known:
            return known  # type: ignore[no-any-return]
    raise ValueError(f"PHAROS_ENVIRONMENT must be local, staging or production, not {text!r}")


def _share(name: str, otherwise: float) -> float:
    text = os.environ.get(name, str(otherwise))
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise ValueError(f"{name} must be a share above 0 and up to 1, such as 0.7, not {text!r}")
    return share


def _grafana() -> Grafana | None:
    """Return the Grafana with its token, or with the name and the password file of a local one."""
    url = os.environ.get("PHAROS_GRAFANA_URL")
    if not url:
        return None
    if token := os.environ.get("PHAROS_GRAFANA_TOKEN"):
        return Grafana(url, token)
    user, file = (os.environ.get(f"PHAROS_GRAFANA_{name}") for name in ("USER", "PASSWORD_FILE"))
    if not user or not file:
        raise ValueError("PHAROS_GRAFANA_URL is set without PHAROS_GRAFANA_TOKEN: set both")
    try:
        return Grafana(url, (user, Path(file).read_text().strip()))
    except OSError as error:
        raise ValueError(f"PHAROS_GRAFANA_PASSWORD_FILE cannot be read: {error}") from None
