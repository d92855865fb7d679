"""RabbitMQ: carries the product's events.

Erlang's launcher is called directly, as the broker's own start script would
call it in the end: the supervised pid is then the broker's, and SIGTERM stops
it cleanly. The distribution's Erlang has its root folder written into its `erl`
script; `erlexec` takes it from the environment.
"""

from functools import partial
from pathlib import Path

from deploy.home import Home
from deploy.local.acquire import Programs
from deploy.local.component import Component, Health
from deploy.local.servers.files import write_config
from deploy.local.servers.probe import NotHealthyError, get_json, get_text, healthy
from deploy.secrets import read_secret

NAME = "rabbitmq"
PLUGINS = "[rabbitmq_management,rabbitmq_prometheus].\n"
MEMORY = "512MB"
DISK_FREE = "100MB"
LOOPBACK = "127.0.0.1"
# Erlang refuses a cookie that others, or its owner's editor, could touch.
COOKIE_MODE = 0o400
# Two schedulers that do not spin: the broker is one of many processes here.
ERLANG = "+W w +S 2:2 +SDcpu 2:2 +sbwt none +sbwtdcpu none +sbwtdio none +P 1048576 +t 5000000 +B i"
# The allocators as the broker's start script sets them.
ALLOCATORS = "+MBas ageffcbf +MHas ageffcbf +MBlmbcs 512 +MHlmbcs 512 +MMmcs 30"


def component(home: Home, programs: Programs) -> Component:
    """Return the broker; every port of it is on the loopback address."""
    return Component(
        name=NAME,
        argv=_arguments(programs),
        cwd=_data(home),
        log=home.logs / f"{NAME}.log",
        health=partial(check, home),
        port=home.ports[NAME],
        extra_ports=tuple(
            home.ports[name]
            for name in ("rabbitmq-dist", "rabbitmq-management", "rabbitmq-metrics")
        ),
        env=_environment(home, programs),
        stop_timeout=20.0,
        start_timeout=90.0,
        prepare=partial(_prepare, home),
        remedy="Events stay in the outbox meanwhile and are published when the broker is back.",
    )


def check(home: Home) -> Health:
    """Healthy once the AMQP listener is open and no alarm blocks publishers."""
    return healthy(partial(_ask, home))


def _ask(home: Home) -> str:
    port, password = home.ports["rabbitmq-management"], read_secret(home.keys, "rabbitmq_password")
    overview = get_json(port, "/api/overview?columns=rabbitmq_version,listeners", password)
    if home.ports[NAME] not in {listener["port"] for listener in overview["listeners"]}:
        raise NotHealthyError("its AMQP listener is not open yet")
    get_text(port, "/api/health/checks/local-alarms", password)
    return str(overview["rabbitmq_version"])


def node_name(home: Home) -> str:
    """Return the Erlang node's name, unique on this machine."""
    return f"pharos-{home.stack_id}@localhost"


def _arguments(programs: Programs) -> tuple[str, ...]:
    return (
        str(programs.erlexec),
        *("-noshell", "-noinput", "-s", "rabbit", "boot", "-boot", "start_sasl"),
        *ERLANG.split(),
        *ALLOCATORS.split(),
        *("-start_epmd", "false"),
        *("-kernel", "inet_dist_use_interface", "{127,0,0,1}"),
        *("-kernel", "prevent_overlapping_partitions", "false"),
        *("-syslog", "logger", "[]", "-syslog", "syslog_error_logger", "false"),
    )


def _environment(home: Home, programs: Programs) -> dict[str, str]:
    binaries, broker = programs.erlexec.parent, programs.rabbitmq
    ports = home.ports
    erlang = {
        "ROOTDIR": str(binaries.parent.parent),
        "BINDIR": str(binaries),
        "EMU": "beam",
        "PROGNAME": "erl",
        "ERL_LIBS": str(broker / "plugins"),
        "ERL_MAX_ETS_TABLES": "50000",
        "ERL_MAX_PORTS": "65536",
        "ERL_EPMD_PORT": str(ports["epmd"]),
        "ERL_EPMD_ADDRESS": LOOPBACK,
        "HOME": str(_data(home)),
        # The broker asks a second, short-lived Erlang to start epmd; ours is
        # supervised, and that one would be nobody's.
        "ERL_AFLAGS": "-start_epmd false",
    }
    rabbit = {
        "HOME": broker,
        "NODENAME": node_name(home),
        "NODE_IP_ADDRESS": LOOPBACK,
        "NODE_PORT": ports[NAME],
        "DIST_PORT": ports["rabbitmq-dist"],
        "MNESIA_BASE": _data(home) / "mnesia",
        "LOG_BASE": home.logs,
        "LOGS": "-",
        "UPGRADE_LOG": "-",
        "CONFIG_FILE": home.conf / "rabbitmq.conf",
        "CONF_ENV_FILE": home.conf / "rabbitmq-env.conf",
        "ENABLED_PLUGINS_FILE": home.conf / "rabbitmq-plugins",
        "PLUGINS_DIR": broker / "plugins",
    }
    return {
        **programs.environment(programs.erlexec),
        **erlang,
        **{f"RABBITMQ_{name}": str(value) for name, value in rabbit.items()},
    }


def configuration(home: Home) -> str:
    """Return rabbitmq.conf; the user is made with the database, at the first start."""
    return "\n".join(
        (
            "default_user = pharos",
            f"default_pass = {read_secret(home.keys, 'rabbitmq_password')}",
            f"management.tcp.ip = {LOOPBACK}",
            f"management.tcp.port = {home.ports['rabbitmq-management']}",
            f"prometheus.tcp.ip = {LOOPBACK}",
            f"prometheus.tcp.port = {home.ports['rabbitmq-metrics']}",
            f"vm_memory_high_watermark.absolute = {MEMORY}",
            f"disk_free_limit.absolute = {DISK_FREE}",
            # Queue figures are refreshed as often as Prometheus reads them.
            "collect_statistics_interval = 2000",
            # The default of 512 MB is for a broker that has a disk to itself.
            "raft.wal_max_size_bytes = 67108864",
            "log.console = true",
            "log.file = false",
            "",
        )
    )


def _data(home: Home) -> Path:
    return home.data / NAME


def _prepare(home: Home) -> None:
    data = _data(home)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_config(home.conf / "rabbitmq.conf", configuration(home))
    write_config(home.conf / "rabbitmq-plugins", PLUGINS)
    write_config(home.conf / "rabbitmq-env.conf", "")
    cookie = data / ".erlang.cookie"
    write_config(cookie, read_secret(home.keys, "erlang_cookie"))
    cookie.chmod(COOKIE_MODE)
