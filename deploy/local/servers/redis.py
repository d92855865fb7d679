"""Redis: the cache of user reads.

Nothing is kept on disk: every entry can be read again from PostgreSQL, and a
cache that came back with what it knew before a crash could be older than a
write that finished meanwhile.
"""

import re
from functools import partial

from deploy.home import Home
from deploy.local.acquire import Programs
from deploy.local.component import Component, Health
from deploy.local.servers.files import write_config
from deploy.local.servers.probe import NotHealthyError, exchange, healthy
from deploy.secrets import read_secret

NAME = "redis"
MEMORY = "128mb"


def component(home: Home, programs: Programs) -> Component:
    """Return the cache; its password is in a file of mode 0600, never in its arguments."""
    return Component(
        name=NAME,
        argv=(str(programs.redis), str(home.conf / "redis.conf")),
        cwd=home.run,
        log=home.logs / f"{NAME}.log",
        health=partial(check, home),
        port=home.ports[NAME],
        env=programs.environment(programs.redis),
        prepare=partial(_prepare, home),
    )


def check(home: Home) -> Health:
    """Healthy once it takes the password and answers a command."""
    return healthy(partial(_ask, home))


def _ask(home: Home) -> str | None:
    password = read_secret(home.keys, "redis_password")
    answer = exchange(home.ports[NAME], f"AUTH {password}\r\nINFO server\r\n".encode())
    if not answer.startswith(b"+OK"):
        raise NotHealthyError(answer.decode(errors="replace").strip())
    version = re.search(rb"redis_version:(\S+)", answer)
    if version is None:
        raise NotHealthyError(
            answer.removeprefix(b"+OK\r\n").decode(errors="replace").strip()[:200]
        )
    return version[1].decode()


def _prepare(home: Home) -> None:
    write_config(home.conf / "redis.conf", configuration(home))


def configuration(home: Home) -> str:
    """Return redis.conf."""
    return "\n".join(
        (
            "bind 127.0.0.1",
            f"port {home.ports[NAME]}",
            f"requirepass {read_secret(home.keys, 'redis_password')}",
            "daemonize no",
            'logfile ""',
            f'dir "{home.run}"',
            'save ""',
            "appendonly no",
            f"maxmemory {MEMORY}",
            "maxmemory-policy allkeys-lru",
            "",
        )
    )
