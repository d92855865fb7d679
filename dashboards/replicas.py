"""The Replicas dashboard: what each process uses, how full it is, and what goes wrong in it."""

from backend.observability.catalogue import (
    BUILD_INFO,
    COMPONENT_STARTS,
    CPU,
    DISK_FREE,
    DISK_SIZE,
    GC_PAUSE,
    HTTP_DURATION,
    HTTP_IN_FLIGHT,
    LOOP_LAG,
    MEMORY,
    MOST_FILES,
    OPEN_FILES,
    READY,
    REPLICAS_DESIRED,
    REPLICAS_READY,
    STARTED,
)
from dashboards.expressions import increase, per_second, quantile, spent, value
from dashboards.lines import API, YES_NO
from dashboards.model import Dashboard, Form, Line, Panel, Row

_EACH = ("instance",)

FLEET = Row(
    "Which there are",
    (
        Panel(
            "Wanted and ready",
            "Replicas by role: asked for, and ready. Good: equal. A gap that stays pages as "
            "ReplicaDown.",
            "short",
            (
                Line("{{role}} wanted", value(REPLICAS_DESIRED, ("role",))),
                Line("{{role}} ready", value(REPLICAS_READY, ("role",))),
            ),
        ),
        Panel(
            "Wants traffic",
            "What each replica says of itself. Good: yes; no while it starts or drains.",
            "short",
            (Line("{{instance}}", value(READY, _EACH, aggregate="min")),),
            form=Form.STATES,
            states=YES_NO,
        ),
        Panel(
            "Releases",
            "Processes by the release that they run. Good: one release, but for the minutes of a "
            "deploy.",
            "short",
            (Line("processes", value(BUILD_INFO, ("version",))),),
            width=4,
            form=Form.TABLE,
        ),
        Panel(
            "Starts",
            "Starts of each component in the time range that is shown. Good: none but those that "
            "you made; one that counts on is in a crash loop.",
            "short",
            (Line("starts", increase(COMPONENT_STARTS, ("component",))),),
            width=4,
            form=Form.TABLE,
        ),
    ),
)

USE = Row(
    "Use and saturation",
    (
        Panel(
            "CPU",
            "Share of one core that each process takes. Good: below 80%; a replica has one event "
            "loop, so it is full at 100%.",
            "percentunit",
            (Line("{{instance}}", per_second(CPU, _EACH)),),
            bad_from=0.8,
        ),
        Panel(
            "Memory",
            "Resident memory of each process. Good: level after the first minutes; one that only "
            "rises leaks.",
            "bytes",
            (Line("{{instance}}", value(MEMORY, _EACH)),),
        ),
        Panel(
            "File handles",
            "Share of the file handles allowed that is open. Good: far below 80%; without handles "
            "a process takes no connection.",
            "percentunit",
            (Line("{{instance}}", f"{value(OPEN_FILES, _EACH)} / {value(MOST_FILES, _EACH)}"),),
            bad_from=0.8,
        ),
        Panel(
            "Event loop lag",
            "How late timers of the event loop fire (p99). Good: under 10 ms; a blocked loop "
            "delays every request of its replica.",
            "s",
            (Line("{{instance}}", quantile(LOOP_LAG, 0.99, _EACH)),),
            bad_from=0.1,
        ),
        Panel(
            "Garbage collection",
            "Share of the time that a process stood still for its garbage collector. Good: under "
            "1%.",
            "percentunit",
            (Line("{{instance}}", spent(GC_PAUSE, _EACH)),),
            bad_from=0.05,
        ),
        Panel(
            "Longest pauses",
            "p99 of one run of the garbage collector, by generation. Good: milliseconds; full runs "
            "(generation 2) are rare.",
            "s",
            (Line("generation {{generation}}", quantile(GC_PAUSE, 0.99, ("generation",))),),
        ),
    ),
)

SERVING = Row(
    "Serving",
    (
        Panel(
            "p99 by replica",
            "The slowest hundredth of each replica's requests. Good: alike; one that stands out is "
            "slow by itself, all together wait for what they share.",
            "s",
            (Line("{{instance}}", quantile(HTTP_DURATION, 0.99, _EACH, API)),),
            bad_from=0.1,
            requests=True,
        ),
        Panel(
            "In flight by replica",
            "Requests that each process is answering now. Good: even among replicas.",
            "short",
            (Line("{{instance}}", value(HTTP_IN_FLIGHT, _EACH)),),
        ),
        Panel(
            "Age",
            "Time since each process started. Good: all as old as the last deploy; a young one was "
            "restarted.",
            "s",
            (Line("{{instance}}", f"time() - {value(STARTED, _EACH, aggregate='max')}"),),
            width=4,
            form=Form.BARS,
        ),
        Panel(
            "Disk left",
            "Share of the file system of the stack's home that is free. Good: above 10%; without "
            "space PostgreSQL and RabbitMQ stop taking writes.",
            "percentunit",
            (
                Line(
                    "free",
                    f"{value(DISK_FREE, aggregate='min')} / {value(DISK_SIZE, aggregate='min')}",
                ),
            ),
            width=4,
            bad_below=0.1,
        ),
    ),
)

REPLICAS_DASHBOARD = Dashboard(
    uid="pharos-replicas",
    title="Pharos / Replicas",
    description="Use, saturation and errors of every process of ours. Generated: edit "
    "dashboards/replicas.py.",
    rows=(FLEET, USE, SERVING),
    page="replicas",
)
