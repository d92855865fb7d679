"""`pharos scale`, `audit` and `access`, as a person types them, against a real service."""

import json
import signal
import subprocess
import sys
import threading

import pytest
from typer.testing import CliRunner, Result

from console.cli import app
from tests.fakes.replica_load import even_load
from tests.fixtures.control_service import Service
from tests.fixtures.running import eventually

WHY = ("--reason", "a test")


def _pharos(*args: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, args, input=typed)


def test_scale_waits_until_the_replicas_serve(service: Service) -> None:
    done = _pharos("scale", "api", "4", *WHY, "--wait")
    assert done.exit_code == 0, done.output
    assert "4 of 4 ready" in done.stdout
    assert service.driver.wanted["api"] == 4


def test_scale_prints_the_action_as_json(service: Service) -> None:
    done = _pharos("scale", "api", "3", *WHY, "--wait", "--json")
    action = json.loads(done.stdout)
    assert (action["state"], action["ready"]) == ("done", 3)
    assert action["actor"] == "operator@local (cli)"


def test_waiting_ends_with_its_time_and_says_so(service: Service) -> None:
    service.driver.stuck = {"api-3"}
    late = _pharos("scale", "api", "3", *WHY, "--wait", "--timeout", "1")
    assert late.exit_code == 3
    assert "not done within 1 s" in late.stderr


def test_ctrl_c_ends_the_waiting_and_says_that_the_scaling_goes_on(service: Service) -> None:
    service.driver.stuck = {"api-3"}
    command = (
        "from console.cli import app; app(['scale', 'api', '3', '--reason', 'test', '--wait'])"
    )
    waiting = subprocess.Popen([sys.executable, "-c", command], stderr=subprocess.PIPE, text=True)
    eventually(lambda: service.driver.wanted["api"], lambda count: count == 3, "asked for")
    waiting.send_signal(signal.SIGINT)
    words = waiting.communicate(timeout=20)[1]
    assert waiting.returncode == 3, words
    assert "goes on: see `pharos audit`" in words


def test_waiting_outlives_a_restart_of_the_service(service: Service) -> None:
    service.driver.stuck = {"api-3"}
    results: list[Result] = []
    waiting = threading.Thread(
        target=lambda: results.append(
            _pharos("scale", "api", "3", *WHY, "--wait", "--timeout", "30")
        )
    )
    waiting.start()
    # The driver has it before the command has its answer, without which it would not wait.
    eventually(
        lambda: [row.progress for row in service.control.actions.newest(1)],
        lambda words: words == ["2 of 3 ready"],
        "it followed",
    )
    assert waiting.is_alive()
    service.stop()
    service.driver.stuck = set()
    service.start()
    waiting.join()
    assert results[0].exit_code == 0, results[0].output


def test_the_numbers_are_said_and_a_load_beyond_the_limit_takes_anyway(service: Service) -> None:
    service.load = even_load(["api-1", "api-2"], cpu=0.6)
    refused = _pharos("scale", "api", "1", *WHY)
    assert refused.exit_code == 4
    assert "120% of a core" in refused.stderr
    done = _pharos("scale", "api", "1", *WHY, "--anyway", "--wait")
    assert done.exit_code == 0, done.output
    assert "60% of a core" in done.stderr


def test_a_restart_is_waited_for_aborted_and_resumed(service: Service) -> None:
    done = _pharos("restart", "api", *WHY, "--wait")
    assert (done.exit_code, done.stdout) == (0, "restart api: 2 of 2 restarted\n")
    service.driver.in_flight = {"api-1": 3}
    begun = _pharos("restart", "api", *WHY)
    assert begun.exit_code == 0
    aborted = _pharos("restart", "api", *WHY, "--abort")
    assert "0 of 2 restarted" in aborted.stdout
    service.driver.in_flight = {}
    resumed = _pharos("restart", "api", *WHY, "--resume", "--wait", "--json")
    assert json.loads(resumed.stdout)["state"] == "done"
    assert _pharos("restart", "worker", *WHY, "--resume").exit_code == 2
    assert _pharos("restart", "api", *WHY, "--resume").exit_code == 4


@pytest.mark.parametrize(("there", "back"), [("drain", "undrain"), ("quarantine", "release")])
def test_a_replica_is_put_aside_and_let_back(service: Service, there: str, back: str) -> None:
    wait = ("--wait",) if there == "drain" else ()
    assert _pharos(there, "api-2", *WHY, *wait).exit_code == 0
    aside = service.driver.status().replicas[1].aside
    assert aside is not None
    assert aside.kind == there
    assert _pharos(back, "api-2", *WHY).exit_code == 0
    assert service.driver.status().replicas[1].serves
    assert _pharos(back, "api-2", *WHY).exit_code == 4


def test_a_refusal_ends_with_4_and_the_reason(service: Service) -> None:
    refused = _pharos("scale", "api", "99", *WHY)
    assert refused.exit_code == 4
    assert "1 to 16" in refused.stderr


@pytest.mark.parametrize(
    "args",
    [("api", "3"), ("api", "many", *WHY), ("nothing", "3", *WHY), ("api", "3", "--reason", "")],
)
def test_wrong_usage_ends_with_2(service: Service, args: tuple[str, ...]) -> None:
    assert _pharos("scale", *args).exit_code == 2


def test_a_dead_service_is_one_line_with_the_remedy(stopped: Service) -> None:
    for verb in (("scale", "api", "3", *WHY), ("audit",), ("access", "list")):
        gone = _pharos(*verb)
        assert gone.exit_code == 3
        assert gone.stderr.count("\n") == 1
        assert "pharos up" in gone.stderr


def test_audit_shows_who_did_what_and_why(service: Service) -> None:
    _pharos("scale", "api", "99", "--reason", "far [too] many")
    entry = json.loads(_pharos("audit", "--json").stdout)[0]
    assert (entry["action"], entry["outcome"], entry["reason"]) == (
        "scale",
        "refused",
        "far [too] many",
    )
    assert "refused" in _pharos("audit").stdout


def test_audit_shows_what_a_change_was_from_and_to(service: Service) -> None:
    _pharos("scale", "api", "3", *WHY, "--wait")
    assert "replicas 2 → 3" in _pharos("audit").stdout


def test_a_person_added_from_standard_input_can_sign_in(service: Service) -> None:
    added = _pharos("access", "add", "ada", *WHY, typed="correct horse battery\n")
    assert added.exit_code == 0, added.output
    form = {"name": "ada", "password": "correct horse battery"}
    with service.client() as browser:
        assert browser.post("/sign-in", data=form).status_code == 303
    assert [row["name"] for row in json.loads(_pharos("access", "list", "--json").stdout)] == [
        "ada"
    ]
    assert _pharos("access", "remove", "ada", *WHY).exit_code == 0
    with service.client() as browser:
        assert browser.post("/sign-in", data=form).status_code == 401


def test_a_role_is_given_changed_and_listed(service: Service) -> None:
    typed = "correct horse battery\n"
    assert _pharos("access", "add", "ada", "--role", "admin", *WHY, typed=typed).exit_code == 0
    assert _pharos("access", "add", "vera", *WHY, typed=typed).exit_code == 0
    assert _pharos("access", "role", "vera", "operator", *WHY).exit_code == 0
    listed = json.loads(_pharos("access", "list", "--json").stdout)
    assert {row["name"]: row["role"] for row in listed} == {"ada": "admin", "vera": "operator"}
    last = _pharos("access", "role", "ada", "viewer", *WHY)
    assert (last.exit_code, "last admin" in last.stderr) == (4, True)


def test_a_role_that_is_not_enough_ends_with_4(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    with service.person("vera", "viewer") as vera:
        monkeypatch.setenv("PHAROS_TOKEN", vera.headers["authorization"].split()[1])
    refused = _pharos("scale", "api", "3", *WHY)
    assert refused.exit_code == 4
    assert "takes the right operator" in refused.stderr


def test_no_password_is_wrong_usage(service: Service) -> None:
    assert _pharos("access", "add", "ada", *WHY, typed="").exit_code == 2
    assert _pharos("access", "add", "ada", *WHY, typed="short\n").exit_code == 2
