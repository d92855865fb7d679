"""Every guard refuses a drill, by the API and on the command line, with its reason and a row."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from chaos.cli import app
from tests.fakes.replica_load import even_load
from tests.fixtures.control_service import Service, prepared
from tests.fixtures.running import eventually

WHY = "to see it refused"
BOTH = ["api-1", "api-2"]
Break = Callable[[Service], None]
WINDOW = {"name": "always", "reason": "a launch", "hours": "00:00-24:00"}
# Half a percent of the requests of two days failed: more than thirty days allow.
SPENT = {"left": -49.0, "samples": 11520.0, "total": 11520.0 * 50}


def _halted(service: Service) -> None:
    service.home.halt_file.write_text(
        '{"by": "ana", "reason": "an incident", "since": "2026-11-22T18:00:00Z"}'
    )


def _a_drill_goes_on(service: Service) -> None:
    with service.operator as operator:
        asked = {"experiment": "waits", "reason": "the first one"}
        assert operator.post("/v1/drills", json=asked).status_code == 202


def _last_replica(service: Service) -> None:
    service.driver.scale("api", 1)


def _a_replica_is_away(service: Service) -> None:
    service.driver.stuck = {"api-3"}
    service.driver.scale("api", 3)


def _a_page_fires(service: Service) -> None:
    service.prometheus.fire("Slow", "ticket")
    service.prometheus.fire("OutboxAgeing", "page", "pending")
    service.prometheus.fire("ReplicaDown", "page")


def _budget_spent(service: Service) -> None:
    service.prometheus.budgets = {"api-availability": SPENT}


def _at_its_limit(service: Service) -> None:
    service.load = even_load(BOTH, cpu=0.6)


def _frozen(service: Service) -> None:
    service.home.freeze_file.write_text(f"windows: [{json.dumps(WINDOW)}]")


def _freeze_file_broken(service: Service) -> None:
    service.home.freeze_file.write_text("windows:\n- name: nights\n  hours: 9-17\n")


def _prometheus_away(service: Service) -> None:
    service.prometheus.away, service.load = True, None


def _agent_away(service: Service) -> None:
    service.driver.unavailable = True


@dataclass(frozen=True)
class Case:
    """What is broken, which guard says so and in which words; `lifted` by a game day's profile."""

    breaks: Break
    guard: str
    words: str
    answer: str = "refused"
    experiment: str = "takes-one"
    lifted: bool = False


CASES = [
    Case(_halted, "halt", "halted since 2026-11-22 18:00 UTC by ana: an incident"),
    Case(_a_drill_goes_on, "overlap", "has not ended"),
    Case(_last_replica, "blast-radius", "api 1 of 1"),
    Case(_a_replica_is_away, "blast-radius", "api 2 of 3", experiment="passes"),
    Case(_agent_away, "blast-radius", "does not answer", "unknown", "passes"),
    Case(lambda _: None, "blast-radius", "every api replica", experiment="takes-all", lifted=True),
    Case(_a_page_fires, "page-firing", "1 page fires: ReplicaDown since", lifted=True),
    Case(_prometheus_away, "page-firing", "does not answer", "unknown", "passes", lifted=True),
    Case(_budget_spent, "budget-left", "api-availability -233%", lifted=True),
    Case(_prometheus_away, "budget-left", "does not answer", "unknown", "passes", lifted=True),
    Case(_at_its_limit, "headroom", "With 1:"),
    Case(_prometheus_away, "headroom", "Prometheus does not say", "unknown"),
    Case(_frozen, "freeze-window", "always (daily 00:00-24:00 UTC: a launch) holds until"),
    Case(_freeze_file_broken, "freeze-window", "freeze.yaml:3:3: windows[0].hours", "unknown"),
]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with prepared(tmp_path_factory.mktemp("guards")) as service:
        service.load = even_load(BOTH)
        service.start()
        yield service
        service.stop()


@pytest.fixture
def calm(shared: Service) -> Iterator[Service]:
    """Yield the shared service, and mend afterwards whatever the test broke."""
    yield shared
    shared.prometheus.calm_down()
    shared.load = even_load(BOTH)
    shared.driver.unavailable, shared.driver.stuck = False, set()
    shared.driver.scale("api", 2)
    for file in (shared.home.halt_file, shared.home.freeze_file):
        file.unlink(missing_ok=True)
    for folder in shared.home.drills.glob("*T*"):
        (folder / "go").touch()
    with shared.operator as operator:
        guards = "/v1/drills/guards?experiment=passes"
        eventually(lambda: operator.get(guards).json(), lambda said: said["allowed"], "calm again")


def _pharos(*args: str) -> Result:
    return CliRunner().invoke(app, ["chaos", *args])


def _answer(answers: list[dict[str, Any]], guard: str) -> dict[str, Any]:
    return next(each for each in answers if each["guard"] == guard)


def _assert_refused(service: Service, case: Case) -> None:
    """Ask for the drill by the API and on the command line, and only look at the guards."""
    asked = {"experiment": case.experiment, "reason": WHY}
    with service.operator as operator:
        problem = operator.post("/v1/drills", json=asked)
        typed = _pharos("run", case.experiment, "--reason", WHY)
        looked = _pharos("guards", case.experiment, "--json")
        rows = operator.get("/v1/audit").json()
    assert (problem.status_code, problem.json()["refused"]) == (409, True)
    said = _answer(problem.json()["guards"], case.guard)
    assert (said["answer"], case.words in said["reason"]) == (case.answer, True), said
    assert (typed.exit_code, looked.exit_code) == (4, 4)
    assert said["reason"] in typed.stderr
    assert said["remedy"] in typed.stderr
    assert _answer(json.loads(looked.stdout)["guards"], case.guard) == said
    written = [row for row in rows if row["reason"] == WHY][:2]
    assert len(written) == 2
    for row in written:  # one for each way
        assert (row["action"], row["outcome"]) == ("drill", "refused")
        assert f"{case.guard}: {said['reason']}" in row["detail"]


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{case.guard}-{case.answer}-{n}" for n, case in enumerate(CASES)]
)
def test_each_guard_refuses_by_the_api_and_on_the_command_line(calm: Service, case: Case) -> None:
    case.breaks(calm)
    _assert_refused(calm, case)
    game_day = _pharos("guards", case.experiment, "--profile", "game-day")
    assert game_day.exit_code == (0 if case.lifted else 4)


def test_production_refuses_as_the_other_guards_do(stopped: Service) -> None:
    stopped.environment = "production"
    stopped.start()
    _assert_refused(stopped, Case(lambda _: None, "environment", "do not run in production"))
    stopped.stop()


def test_a_quiet_stack_is_let_in_and_shows_every_guard_to_a_viewer(calm: Service) -> None:
    with calm.person("vera", "viewer") as viewer:
        said = viewer.get("/v1/drills/guards?experiment=takes-one").json()
        assert (said["allowed"], said["profile"]) == (True, "standard")
        assert {each["answer"] for each in said["guards"]} == {"ok"}
        assert len(said["guards"]) == 9
        assert all(drill["experiment"] == "waits" for drill in viewer.get("/v1/drills").json())
    shown = _pharos("guards", "takes-one")
    assert shown.exit_code == 0
    assert "a drill needs 10% of each" in shown.stdout
    assert _pharos("guards", "nothing").exit_code == 2


def test_all_that_refuse_are_told_at_once(calm: Service) -> None:
    for break_ in (_halted, _a_page_fires, _frozen):
        break_(calm)
    typed = _pharos("run", "passes", "--reason", "a test")
    told = [line.split()[1] for line in typed.stderr.splitlines() if line.startswith("refused ")]
    assert (typed.exit_code, told) == (4, ["halt", "freeze-window", "page-firing"])


def _deliver(service: Service, status: str) -> None:
    alert = {
        "status": status,
        "labels": {"alertname": "ReplicaDown", "severity": "page"},
        "startsAt": "2026-11-22T18:00:00Z",
        "endsAt": "0001-01-01T00:00:00Z" if status == "firing" else "2026-11-22T18:01:00Z",
        "fingerprint": "f00",
    }
    with service.client(service.token("webhook_token")) as alertmanager:
        body = {"version": "4", "alerts": [alert]}
        alertmanager.post("/v1/alerts/webhook", json=body).raise_for_status()


def test_a_page_counts_from_its_delivery_until_it_is_resolved(calm: Service) -> None:
    _deliver(calm, "firing")
    assert "ReplicaDown since 2026-11-22 18:00 UTC" in _pharos("guards", "passes").stdout
    _deliver(calm, "resolved")
    assert _pharos("guards", "passes").exit_code == 0


def test_a_game_day_starts_while_a_page_fires(calm: Service) -> None:
    _a_page_fires(calm)
    asked = {"experiment": "passes", "reason": "a game day", "profile": "game-day"}
    with calm.operator as operator:
        assert operator.post("/v1/drills", json=asked).status_code == 202
