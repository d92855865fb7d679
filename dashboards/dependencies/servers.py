"""PostgreSQL, Redis and RabbitMQ: how much each is used, how full it is, what goes wrong."""

from backend.observability.catalogue import (
    POSTGRES_BLOCKS_HIT,
    POSTGRES_BLOCKS_READ,
    POSTGRES_COMMITS,
    POSTGRES_CONNECTIONS,
    POSTGRES_DEADLOCKS,
    POSTGRES_LONGEST_TRANSACTION,
    POSTGRES_MAX_CONNECTIONS,
    POSTGRES_ROLLBACKS,
    POSTGRES_SIZE,
    POSTGRES_UP,
    QUEUE_UNACKED,
    RABBITMQ_CONNECTIONS,
    RABBITMQ_DELIVERED,
    RABBITMQ_DISK_FREE,
    RABBITMQ_DISK_LIMIT,
    RABBITMQ_MEMORY,
    RABBITMQ_MEMORY_LIMIT,
    RABBITMQ_RECEIVED,
    REDIS_CLIENTS,
    REDIS_COMMANDS,
    REDIS_EVICTED,
    REDIS_HITS,
    REDIS_MAX_MEMORY,
    REDIS_MEMORY,
    REDIS_MISSES,
    REDIS_UP,
)
from dashboards.expressions import per_second, value
from dashboards.lines import YES_NO
from dashboards.model import Form, Line, Panel, Row

_HIT, _READ = per_second(POSTGRES_BLOCKS_HIT), per_second(POSTGRES_BLOCKS_READ)

POSTGRES = Row(
    "PostgreSQL",
    (
        Panel(
            "Transactions",
            "Transactions a second, and deadlocks broken. Good: hardly any rolled back, no "
            "deadlock.",
            "ops",
            (
                Line("committed", per_second(POSTGRES_COMMITS)),
                Line("rolled back", per_second(POSTGRES_ROLLBACKS)),
                Line("deadlocks", per_second(POSTGRES_DEADLOCKS)),
            ),
            width=6,
        ),
        Panel(
            "Connections",
            "Connections by what they do, and how many there may be. Good: far below the limit, "
            "none idle in a transaction for long.",
            "short",
            (
                Line("{{state}}", value(POSTGRES_CONNECTIONS, ("state",))),
                Line("allowed", value(POSTGRES_MAX_CONNECTIONS, aggregate="max")),
            ),
            width=6,
        ),
        Panel(
            "Oldest transaction",
            "Age of the oldest transaction, by what its connection does. Good: under a second; an "
            "old one holds locks and keeps rows from being cleaned up.",
            "s",
            (Line("{{state}}", value(POSTGRES_LONGEST_TRANSACTION, ("state",), aggregate="max")),),
            width=6,
        ),
        Panel(
            "Found in its cache",
            "Share of blocks that PostgreSQL found in its own cache. Good: above 99%; below, reads "
            "wait for the disk.",
            "percentunit",
            (Line("found", f"{_HIT} / ({_HIT} + {_READ})"),),
            width=6,
            bad_below=0.9,
        ),
        Panel(
            "Size on disk",
            "Size of each database. Good: growing as slowly as the product's data.",
            "bytes",
            (Line("{{datname}}", value(POSTGRES_SIZE, ("datname",))),),
            width=12,
            form=Form.BARS,
        ),
        Panel(
            "Asked by the exporters",
            "Whether the exporters can ask PostgreSQL and Redis. Good: yes; without them the rows "
            "here say nothing.",
            "short",
            (
                Line("postgres", value(POSTGRES_UP, aggregate="min")),
                Line("redis", value(REDIS_UP, aggregate="min")),
            ),
            width=12,
            form=Form.STATES,
            states=YES_NO,
        ),
    ),
)

REDIS = Row(
    "Redis",
    (
        Panel(
            "Commands",
            "Commands answered a second. Good: following the API's reads.",
            "ops",
            (Line("commands", per_second(REDIS_COMMANDS)),),
            width=6,
        ),
        Panel(
            "Keys asked for",
            "Keys found, not found, and dropped for want of memory, a second. Good: found on top, "
            "none dropped.",
            "ops",
            (
                Line("found", per_second(REDIS_HITS)),
                Line("not found", per_second(REDIS_MISSES)),
                Line("dropped", per_second(REDIS_EVICTED)),
            ),
            width=6,
        ),
        Panel(
            "Redis' memory",
            "Memory that data takes, and may take. Good: below what it may take, where entries "
            "begin to be dropped.",
            "bytes",
            (
                Line("taken", value(REDIS_MEMORY)),
                Line("allowed", value(REDIS_MAX_MEMORY)),
            ),
            width=6,
        ),
        Panel(
            "Redis' clients",
            "Connections of clients. Good: a few a replica, level.",
            "short",
            (Line("connections", value(REDIS_CLIENTS)),),
            width=6,
        ),
    ),
)

RABBITMQ = Row(
    "RabbitMQ",
    (
        Panel(
            "Messages through the broker",
            "Messages a second received from publishers and delivered to consumers. Good: "
            "delivered follows received.",
            "cps",
            (
                Line("received", per_second(RABBITMQ_RECEIVED)),
                Line("delivered", per_second(RABBITMQ_DELIVERED)),
            ),
            width=6,
        ),
        Panel(
            "Held by consumers",
            "Messages that a consumer has and did not answer for. Good: below the prefetch; a "
            "plateau is a consumer that is stuck.",
            "short",
            (Line("{{queue}}", value(QUEUE_UNACKED, ("queue",))),),
            width=6,
        ),
        Panel(
            "RabbitMQ's memory",
            "Memory used, and from where on publishers are held. Good: far below.",
            "bytes",
            (
                Line("used", value(RABBITMQ_MEMORY)),
                Line("publishers held from", value(RABBITMQ_MEMORY_LIMIT)),
            ),
            width=6,
        ),
        Panel(
            "RabbitMQ's disk",
            "Share of the free disk space that is beyond the limit below which publishers are "
            "held. Good: far above zero.",
            "percentunit",
            (
                Line(
                    "beyond the limit",
                    f"1 - {value(RABBITMQ_DISK_LIMIT)} / {value(RABBITMQ_DISK_FREE)}",
                ),
            ),
            width=3,
            form=Form.STAT,
            minimum=None,
            bad_below=0.1,
        ),
        Panel(
            "RabbitMQ's clients",
            "Connections of clients. Good: one a relay and a worker.",
            "short",
            (Line("connections", value(RABBITMQ_CONNECTIONS)),),
            width=3,
            form=Form.STAT,
            bad_below=1,
        ),
    ),
)
