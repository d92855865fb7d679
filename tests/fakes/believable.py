"""Believable data for the console's fakes: one small stack in the middle of its day."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from console.access_schemas import Session
from console.alert_schemas import Matcher, Silence
from console.headroom_schemas import Carries, Headroom
from console.schemas import (
    Acknowledgement,
    Action,
    Alert,
    Drill,
    Experiment,
    Halt,
    Hit,
    JournalEntry,
    Role,
    State,
)
from console.verdict_schemas import DrillVerdict, Impact, Undo
from deploy.driver import Component, ComponentState, Replica, StackStatus, Urls

COMPONENTS = (
    *("postgres", "redis", "rabbitmq", "prometheus", "alertmanager", "gateway"),
    *("api-1", "api-2", "relay", "worker", "agent", "control", "console"),
)


def replica(replica_id: str, *, pid: int = 4242, ready: bool = True) -> Replica:
    role = replica_id.split("-", maxsplit=1)[0]
    slot = int(replica_id.rpartition("-")[2]) if "-" in replica_id else 0
    return Replica(
        id=replica_id,
        role=role,
        pid=pid,
        address=f"127.0.0.1:{7440 + 2 * slot}" if role == "api" else None,
        ops_address=f"127.0.0.1:{7441 + 2 * slot}",
        ready=ready,
    )


def stack(
    *, replicas: tuple[str, ...] = ("api-1", "api-2", "relay", "worker"), broken: str = ""
) -> StackStatus:
    return StackStatus(
        ready=not broken,
        components=[
            Component(
                name=name,
                state=ComponentState.BACKOFF if name == broken else ComponentState.READY,
                pid=4000 + index,
            )
            for index, name in enumerate(COMPONENTS)
        ],
        replicas=[replica(each, pid=4300 + index) for index, each in enumerate(replicas)],
        urls=Urls(
            gateway="http://127.0.0.1:7400",
            console="http://127.0.0.1:7401",
            control="http://127.0.0.1:7402",
            prometheus="http://127.0.0.1:7403",
            alertmanager="http://127.0.0.1:7404",
        ),
    )


def state(*, broken: str = "", halted: bool = False, role: Role = "admin") -> State:
    halt = Halt(on=False)
    if halted:
        since = datetime.now(UTC) - timedelta(minutes=3)
        halt = Halt(on=True, by="ada", reason="customer demo at ten", since=since)
    return State(
        environment="local",
        role=role,
        stack=stack(broken=broken),
        desired={"api": 2, "relay": 1, "worker": 1},
        halt=halt,
        drills_running=[],
    )


def session() -> Session:
    end = datetime.now(UTC) + timedelta(hours=8)
    return Session(actor="ada", kind="person", role="admin", expires_at=end)


def action(role: str, count: int, reason: str) -> Action:
    """A scaling that has just begun."""
    return Action(
        id=uuid4().hex,
        kind="scale",
        target=role,
        state="running",
        progress=f"1 of {count} serve",
        ready=1,
        wanted=count,
        actor="ada",
        reason=reason,
        started_at=datetime.now(UTC),
    )


def headroom(carries: Carries = "yes") -> Headroom:
    """Two replicas, one of which is to leave."""
    return Headroom(
        carries=carries,
        serving=2,
        remaining=1,
        limit=0.7,
        source="Prometheus",
        words="2 serve 20.0 requests/s now: 5% of a core each. With 1: 10% of a core.",
    )


def alert() -> Alert:
    now = datetime.now(UTC)
    return Alert(
        fingerprint="c0ffee",
        name="ReplicaDown",
        severity="page",
        status="firing",
        summary="api-2 has not answered its scrape for 20 seconds.",
        description="1 of the wanted replicas did not come back within 15 s; 1 still serves.",
        runbook_url="alerts/runbooks/ReplicaDown.md",
        console_url="/replicas",
        dashboard_url="/d/pharos-overview",
        labels={
            "alertname": "ReplicaDown",
            "instance": "api-2",
            "job": "api",
            "severity": "page",
            "team": "platform",
        },
        value=1,
        starts_at=now - timedelta(minutes=2),
        received_at=now,
    )


def pending() -> Alert:
    return alert().model_copy(
        update={
            "fingerprint": "0b0e",
            "name": "OutboxAgeing",
            "severity": "ticket",
            "status": "pending",
            "summary": "The oldest unpublished event is 42s old",
            "labels": {"alertname": "OutboxAgeing", "severity": "ticket", "team": "product"},
            "value": 42.125,
            "received_at": None,
        }
    )


def ended() -> Alert:
    began = datetime.now(UTC) - timedelta(hours=3)
    return alert().model_copy(
        update={
            "status": "resolved",
            "starts_at": began,
            "ends_at": began + timedelta(minutes=3, seconds=5),
            "value": None,
            "drill": "20261122T101500-a1b2",
        }
    )


def acknowledgement(reason: str = "on it") -> Acknowledgement:
    now = datetime.now(UTC)
    return Acknowledgement(actor="ada", reason=reason, at=now, until=now + timedelta(minutes=30))


def silence() -> Silence:
    now = datetime.now(UTC)
    return Silence(
        id="5117-ce",
        state="active",
        matchers=[Matcher(name="alertname", value="ReplicaDown")],
        by="ada",
        reason="being mended",
        starts_at=now,
        ends_at=now + timedelta(minutes=30),
    )


SIGNALS = [
    "ReplicaDown fires and is delivered within 60 s, and resolves within 60 s of the fault's end",
    "nobody is paged for anything else",
]


def experiment() -> Experiment:
    return Experiment(
        name="kill-replica",
        title="Kill one API replica",
        description="A replica's process dies at once, as after an out-of-memory kill.",
        hypothesis=[
            "At least two API replicas are ready.",
            "Fewer than 1 % of the requests fail.",
        ],
        action=["Send SIGKILL to the process of one ready API replica."],
        tags=["replicas"],
        proves=["ReplicaDown"],
        abort="More than 30 % of the requests fail for 10 s.",
        signals=SIGNALS,
        hits=[Hit(target="api", takes_away=True)],
        blast_radius="One replica of the role api, for as long as its restart takes.",
        rollback="Nothing to undo: the supervisor starts it again; its new pid is read back.",
    )


def journal(start: datetime) -> list[JournalEntry]:
    lines = (
        (0.0, "run.started", "kill-replica started by ada."),
        (0.4, "steady.before", "Steady: 2 of 2 replicas ready, no request failed."),
        (1.1, "fault.injected", "Sent SIGKILL to api-2 (pid 4301)."),
        (1.3, "recovering", "api-2 left the gateway's endpoints."),
        (4.6, "recovered", "api-2 serves again as pid 4977."),
        (9.8, "steady.after", "Steady: 2 of 2 replicas ready, no request failed."),
        (9.9, "undo", "Nothing is left of the fault."),
        (10.0, "run.ended", "Passed."),
    )
    return [
        JournalEntry(at=start + timedelta(seconds=after), kind=kind, message=message)
        for after, kind, message in lines
    ]


def drill(run: str = "20261122T101500-a1b2", *, lines: int = 8) -> Drill:
    """A drill after `lines` of its eight journal lines; ended with a verdict after all eight."""
    started = datetime.now(UTC) - timedelta(seconds=100)
    ended = lines == 8
    return Drill(
        run=run,
        experiment="kill-replica",
        actor="ada",
        reason="before the release",
        state="ended" if ended else "running",
        started_at=started,
        ended_at=started + timedelta(seconds=10) if ended else None,
        verdict=verdict(run, started) if ended else None,
        journal=journal(started)[:lines],
    )


def verdict(run: str, started: datetime) -> DrillVerdict:
    return DrillVerdict(
        run=run,
        experiment="kill-replica",
        verdict="passed",
        reason="The steady state held before and after, and no request failed.",
        steady_before=True,
        steady_after=True,
        impact=Impact(
            requests=1984,
            failed=0,
            error_ratio=0.0,
            p99_before_seconds=0.0123,
            p99_during_seconds=0.0347,
        ),
        recovery_seconds=3.5,
        undo=Undo(clean=True, residue=[]),
        target="api-2",
        pid_before=4301,
        pid_after=4977,
        started_at=started,
        fault_at=started + timedelta(seconds=1.1),
        recovered_at=started + timedelta(seconds=4.6),
        ended_at=started + timedelta(seconds=10),
    )
