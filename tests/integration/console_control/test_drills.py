"""Drills over HTTP: guards, the detached child, its journal, and the halt switch."""

import json
import os
import signal
from typing import Any

import httpx
import psutil
import pytest

from console.control.errors import FailedError
from console.control.services.actors import Actor
from console.schemas import DrillRequest
from deploy.faults.inventory import Inventory
from deploy.faults.sweep import Swept
from tests.fakes.chaos_room import EXPERIMENTS
from tests.fakes.evidence import held_fault
from tests.fixtures.control_service import Service
from tests.fixtures.running import eventually


def _start(client: httpx.Client, experiment: str) -> httpx.Response:
    return client.post("/v1/drills", json={"experiment": experiment, "reason": "a test"})


def _ended(client: httpx.Client, run: str) -> dict[str, Any]:
    return eventually(
        lambda: client.get(f"/v1/drills/{run}").json(),
        lambda drill: drill["state"] != "running",
        "the drill's end",
    )


def _outcomes(client: httpx.Client) -> list[tuple[str, str]]:
    """Return outcome and detail of all drills, oldest first."""
    rows = client.get("/v1/audit").json()
    return [(row["outcome"], row["detail"]) for row in reversed(rows) if row["action"] == "drill"]


def _settled(client: httpx.Client) -> tuple[str, str]:
    return eventually(
        lambda: _outcomes(client), lambda rows: rows[-1][0] != "accepted", "the outcome"
    )[-1]


def _begun(client: httpx.Client, run: str) -> dict[str, Any]:
    return eventually(
        lambda: client.get(f"/v1/drills/{run}").json(),
        lambda drill: bool(drill["journal"]),
        "the journal's first line",
    )


def test_the_catalogue_is_what_the_chaos_room_prints(operator: httpx.Client) -> None:
    names = [experiment["name"] for experiment in operator.get("/v1/experiments").json()]
    assert names == [*EXPERIMENTS]


def test_a_drill_runs_and_its_verdict_is_its_outcome(operator: httpx.Client) -> None:
    started = _start(operator, "passes")
    assert started.status_code == 202
    drill = _ended(operator, started.json()["run"])
    assert (drill["state"], drill["verdict"]["verdict"]) == ("ended", "passed")
    assert [entry["kind"] for entry in drill["journal"]] == ["run.started", "run.ended"]
    assert _settled(operator) == ("done", "passed: it passed")


def test_a_game_day_takes_an_admin_and_is_named_wherever_the_drill_is(
    service: Service, operator: httpx.Client
) -> None:
    asked = {"experiment": "passes", "reason": "a game day", "profile": "game-day"}
    with service.person("otto", "operator") as otto:
        assert otto.post("/v1/drills", json=asked).status_code == 403
    assert _outcomes(operator) == [("refused", "This takes the right admin; otto has operator.")]
    run = operator.post("/v1/drills", json=asked).json()["run"]
    drill = _ended(operator, run)
    assert (drill["profile"], drill["journal"][0]["profile"]) == ("game-day", "game-day")
    assert _outcomes(operator)[1] == ("accepted", f"started under the game-day guards: {run}")


def test_a_drill_that_failed_is_not_called_done(operator: httpx.Client) -> None:
    _ended(operator, _start(operator, "fails").json()["run"])
    assert _settled(operator) == ("failed", "failed: it failed")


@pytest.mark.parametrize(
    ("experiment", "words"),
    [
        ("dies", "interrupted; nothing of it is left"),
        ("never-begins", "interrupted: the room is on fire; nothing of it is left"),
    ],
)
def test_a_drill_without_an_end_is_interrupted_never_a_success(
    operator: httpx.Client, experiment: str, words: str
) -> None:
    drill = _ended(operator, _start(operator, experiment).json()["run"])
    assert (drill["state"], drill["verdict"]) == ("interrupted", None)
    assert _settled(operator) == ("failed", words)


def test_a_drill_that_was_cut_short_has_ended_once_its_undo_is_proven(
    service: Service, operator: httpx.Client
) -> None:
    held = held_fault()
    service.inventory = Inventory(faults=[held], residue=[], unknown=[])
    run = _start(operator, "waits").json()["run"]
    pid = _begun(operator, run)["journal"][0]["pid"]
    ours = held.model_copy(update={"id": f"{run}-1"})
    service.inventory = Inventory(faults=[ours], residue=[], unknown=[])
    os.kill(pid, signal.SIGKILL)
    _ended(operator, run)
    refused = _start(operator, "passes")
    assert (refused.status_code, refused.json()["refused"]) == (409, True)
    assert f"Drill {run} has not ended." in refused.json()["detail"]
    assert [outcome for outcome, _ in _outcomes(operator)] == ["accepted", "refused"]
    service.inventory = Inventory(faults=[], residue=[], unknown=[])
    rows = eventually(lambda: _outcomes(operator), lambda rows: rows[-1][0] == "failed", "its end")
    assert rows[-1][1] == "interrupted; nothing of it is left"
    last = operator.get(f"/v1/drills/{run}").json()["journal"][-1]
    assert (last["kind"], last["clean"]) == ("undo", True)
    assert _start(operator, "passes").status_code == 202


def test_a_second_drill_is_refused_while_one_runs(service: Service, operator: httpx.Client) -> None:
    run = _start(operator, "waits").json()["run"]
    second = _start(operator, "passes")
    assert (second.status_code, second.json()["refused"]) == (409, True)
    assert operator.get("/v1/state").json()["drills_running"] == [run]
    (service.home.drills / run / "go").touch()
    assert _ended(operator, run)["verdict"]["verdict"] == "passed"


def test_an_unknown_experiment_is_not_found(operator: httpx.Client) -> None:
    answer = _start(operator, "burn-it-down")
    assert answer.status_code == 404
    assert "passes" in answer.json()["detail"]


@pytest.mark.parametrize("letter", ["\0", "\x1b"])
def test_a_reason_with_a_control_character_names_the_field(
    operator: httpx.Client, letter: str
) -> None:
    asked = {"experiment": "passes", "reason": f"abc{letter}def"}
    problem = operator.post("/v1/drills", json=asked)
    assert (problem.status_code, operator.get("/v1/drills").json()) == (422, [])
    assert problem.json()["errors"][0]["field"] == "reason"
    assert "control characters" in problem.json()["detail"]
    freeze = {"name": "evenings", "hours": "18:00-20:00", "reason": "two\nlines"}
    assert operator.post("/v1/freezes", json=freeze).status_code == 201


def test_a_drill_whose_arguments_no_process_takes_has_failed(stopped: Service) -> None:
    """As by a schedule that was written down before reasons were looked at."""
    control = stopped.wired()
    owner = Actor("ada", "person", frozenset({"admin"}))
    asked = DrillRequest.model_construct(experiment="passes", reason="abc\0def")
    with pytest.raises(FailedError, match="could not be started"):
        control.drills.start(owner, asked)
    assert (control.drills.running(), control.audit.newest(1, None)[0].outcome) == ([], "failed")
    control.close()


def test_no_drill_runs_in_production(stopped: Service) -> None:
    stopped.environment = "production"
    stopped.start()
    with stopped.operator as operator:
        assert _start(operator, "passes").json()["refused"] is True
        assert _outcomes(operator)[-1][0] == "refused"
    stopped.stop()


def test_halt_ends_the_running_drill_and_lets_none_start(
    service: Service, operator: httpx.Client
) -> None:
    run = _start(operator, "waits").json()["run"]
    _begun(operator, run)
    halt = operator.post("/v1/halt", json={"reason": "enough"}).json()
    assert (halt["on"], halt["by"], halt["reason"]) == (True, "operator@local (cli)", "enough")
    assert operator.get(f"/v1/drills/{run}").json()["verdict"]["verdict"] == "inconclusive"
    assert _start(operator, "passes").json()["refused"] is True
    assert operator.post("/v1/rearm", json={"reason": "calm"}).json()["on"] is False
    assert not service.home.halt_file.exists()
    assert _start(operator, "passes").status_code == 202


def test_a_halt_says_what_it_took_back_and_is_no_success_while_something_is_left(
    stopped: Service,
) -> None:
    stopped.swept = Swept(reverted=["latency at api-1"], left=["pause at redis"], seconds=3)
    stopped.start()
    with stopped.operator as operator:
        answer = operator.post("/v1/halt", json={"reason": "enough"}).json()
        assert answer["swept"] == stopped.swept.model_dump()
        row = operator.get("/v1/audit").json()[0]
    assert (row["action"], row["outcome"]) == ("halt", "failed")
    assert "left: pause at redis" in row["detail"]
    stopped.stop()


def test_a_halt_whose_file_cannot_be_written_takes_everything_back_all_the_same(
    stopped: Service,
) -> None:
    stopped.swept = Swept(reverted=["latency at api-1"], left=[], seconds=0.2)
    stopped.start()
    (stopped.home.root / f".{stopped.home.halt_file.name}.{os.getpid()}").mkdir()
    with stopped.operator as operator:
        answer = operator.post("/v1/halt", json={"reason": "enough"})
        row = operator.get("/v1/audit").json()[0]
    assert answer.status_code == 503
    assert "taken back in 0.2 s: latency at api-1" in answer.json()["detail"]
    assert (row["action"], row["outcome"]) == ("halt", "failed")
    stopped.stop()


def test_a_rehearsal_s_halt_gives_way_to_a_real_one_which_its_rearming_leaves_on(
    service: Service, operator: httpx.Client
) -> None:
    practice = operator.post("/v1/halt", json={"reason": "practice", "rehearsal": True}).json()
    halt = operator.post("/v1/halt", json={"reason": "enough"}).json()
    assert (halt["reason"], halt["rehearsal"]) == ("enough", False)
    again = operator.post("/v1/halt", json={"reason": "practice", "rehearsal": True}).json()
    assert again["reason"] == "enough"
    own = {"reason": "the rehearsal ends", "since": practice["since"]}
    answer = operator.post("/v1/rearm", json=own)
    assert (answer.status_code, answer.json()["refused"]) == (409, True)
    assert service.home.halt_file.exists()


def test_a_rehearsal_takes_its_own_halt_back(service: Service, operator: httpx.Client) -> None:
    practice = operator.post("/v1/halt", json={"reason": "practice", "rehearsal": True}).json()
    own = {"reason": "the rehearsal ends", "since": practice["since"]}
    assert operator.post("/v1/rearm", json=own).json()["on"] is False
    assert not service.home.halt_file.exists()


@pytest.mark.parametrize("text", ["", "not json", "[]"])
def test_a_halt_file_that_cannot_be_read_still_halts(
    service: Service, operator: httpx.Client, text: str
) -> None:
    service.home.halt_file.write_text(text)
    assert operator.get("/v1/state").json()["halt"]["on"] is True
    assert _start(operator, "passes").status_code == 409


def test_the_child_belongs_to_the_stack_and_not_to_the_service(
    service: Service, operator: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHAROS_STACK_ID", "cafe0123")
    monkeypatch.setenv("PHAROS_COMPONENT", "control")
    run = _start(operator, "waits").json()["run"]
    pid = _begun(operator, run)["journal"][0]["pid"]
    assert os.getsid(pid) == pid
    environment = psutil.Process(pid).environ()
    assert environment["PHAROS_STACK_ID"] == "cafe0123"
    assert "PHAROS_COMPONENT" not in environment
    (service.home.drills / run / "go").touch()
    assert _ended(operator, run)["state"] == "ended"


def test_a_drill_that_ended_while_the_service_was_dead_is_settled_once(stopped: Service) -> None:
    stopped.start()
    with stopped.operator as operator:
        run = _start(operator, "waits").json()["run"]
        _begun(operator, run)
    stopped.stop()
    folder = stopped.home.drills / run
    (folder / "go").touch()
    eventually((folder / "verdict.json").exists, bool, "the verdict")
    for _ in range(2):
        stopped.start()
        with stopped.operator as operator:
            assert _ended(operator, run)["verdict"]["verdict"] == "passed"
            _settled(operator)
            assert [outcome for outcome, _ in _outcomes(operator)] == ["accepted", "done"]
        stopped.stop()


def test_a_drill_that_somebody_started_beside_the_service_appears(
    service: Service, operator: httpx.Client
) -> None:
    folder = service.home.drills / "20261122T180000-cafe"
    folder.mkdir(parents=True)
    (service.home.drills / ".lock").touch()
    first = {"at": "2026-11-22T18:00:00Z", "kind": "run.started", "message": "", "pid": 1}
    said = {"experiment": "by-hand", "actor": "root", "reason": "the service was dead"}
    said["profile"] = "one of a later release"
    (folder / "journal.jsonl").write_text(json.dumps(first | said) + "\n")
    drills = eventually(lambda: operator.get("/v1/drills").json(), bool, "the drill")
    shown = [drills[0][name] for name in ("actor", "experiment", "profile")]
    assert shown == ["root", "by-hand", "standard"]
    assert _settled(operator) == ("failed", "interrupted; nothing of it is left")
