"""Generated secrets: one file each, mode 0600, never logged, never committed."""

import hashlib
import os
import secrets
from pathlib import Path

# Name → what it opens. The raw value never leaves its file but to the process that needs it.
SECRETS = {
    "postgres_password": "the product's database role",
    "redis_password": "the cache",
    "rabbitmq_password": "the broker's user",
    "erlang_cookie": "the broker's distribution port",
    "service_token": "writing through the gateway (used by load and drills)",
    "fault_token": "the fault port of every process of the product",
    "agent_token": "the node agent's API",
    "operator_token": "the control service, for the local command line",
    "console_token": "one-time sign-in links, minted by the console's host",
    "metrics_token": "the control service's metrics, for Prometheus",
    "webhook_token": "the control service's alert webhook, for Alertmanager",
}

SERVICE_TOKENS_FILE = "service_tokens"


def ensure_secrets(keys: Path) -> None:
    """Create the key folder and every secret that is missing; existing ones stay."""
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys.chmod(0o700)
    for name in SECRETS:
        if not (keys / name).exists():
            write_secret(keys / name, secrets.token_urlsafe(32))
    write_secret(keys / SERVICE_TOKENS_FILE, f"load={digest(read_secret(keys, 'service_token'))}")


def write_secret(path: Path, value: str) -> None:
    """Write a secret atomically, readable by its owner alone."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(value)
    fresh.replace(path)


def read_secret(keys: Path, name: str) -> str:
    """Return a secret's value.

    Raises:
        FileNotFoundError: it was never generated: `pharos up` makes it.
    """
    return (keys / name).read_text().strip()


def digest(token: str) -> str:
    """Return the hex SHA-256 under which the backend knows a service token."""
    return hashlib.sha256(token.encode()).hexdigest()
