"""The exporters: what PostgreSQL and Redis do not tell Prometheus themselves.

They run beside their server and come and go without it: while it is away they
say so (`pg_up`, `redis_up`), which is a figure and no failure of theirs.
"""

from functools import partial
from pathlib import Path

from deploy.home import Home
from deploy.local.acquire import Programs
from deploy.local.component import Component, Health
from deploy.local.servers import postgres, redis
from deploy.local.servers.files import write_json
from deploy.local.servers.probe import get_text, healthy
from deploy.secrets import read_secret

POSTGRES, REDIS = "postgres-metrics", "redis-metrics"
REMEDY = "The product works without it; the dashboards lack its figures meanwhile."


def components(home: Home, programs: Programs) -> list[Component]:
    """Return both exporters; passwords reach them by files."""
    return [_postgres(home, programs), _redis(home, programs)]


def check(home: Home, name: str) -> Health:
    """Healthy once it serves its first page; asking for figures would ask the server for them."""
    return healthy(partial(_ask, home, name))


def _ask(home: Home, name: str) -> None:
    get_text(home.ports[name], "/")


def _postgres(home: Home, programs: Programs) -> Component:
    server = f"127.0.0.1:{home.ports[postgres.NAME]}/{postgres.DATABASE}"
    return Component(
        name=POSTGRES,
        argv=(
            str(programs.postgres_exporter),
            f"--web.listen-address=127.0.0.1:{home.ports[POSTGRES]}",
            "--no-collector.bgwriter",
            "--log.level=warn",
            "--log.format=json",
        ),
        cwd=home.run,
        log=home.logs / f"{POSTGRES}.log",
        health=partial(check, home, POSTGRES),
        port=home.ports[POSTGRES],
        env={
            **programs.environment(programs.postgres_exporter),
            "DATA_SOURCE_URI": f"{server}?sslmode=disable",
            "DATA_SOURCE_USER": postgres.ROLE,
            "DATA_SOURCE_PASS_FILE": str(home.keys / "postgres_password"),
        },
        remedy=REMEDY,
    )


def _redis(home: Home, programs: Programs) -> Component:
    return Component(
        name=REDIS,
        argv=(
            str(programs.redis_exporter),
            *("-web.listen-address", f"127.0.0.1:{home.ports[REDIS]}"),
            *("-log-format", "json"),
            "-redis-only-metrics",
        ),
        cwd=home.run,
        log=home.logs / f"{REDIS}.log",
        health=partial(check, home, REDIS),
        port=home.ports[REDIS],
        env={
            **programs.environment(programs.redis_exporter),
            "REDIS_ADDR": _redis_address(home),
            "REDIS_PASSWORD_FILE": str(_redis_passwords(home)),
        },
        prepare=partial(_prepare_redis, home),
        remedy=REMEDY,
    )


def _redis_address(home: Home) -> str:
    return f"redis://127.0.0.1:{home.ports[redis.NAME]}"


def _redis_passwords(home: Home) -> Path:
    return home.conf / f"{REDIS}.json"


def _prepare_redis(home: Home) -> None:
    """The exporter finds its password by the address of the server: a file of its own kind."""
    passwords = {_redis_address(home): read_secret(home.keys, "redis_password")}
    write_json(_redis_passwords(home), passwords)
