"""What the rooms must agree on about the control service, without importing each other."""

import socket
from typing import Any, get_args

import httpx
import pytest
from pydantic import BaseModel

import chaos.gameday.record
import chaos.ledger.standing
import chaos.schemas
import console.game_day_schemas
import console.guard_schemas
import console.ledger_schemas
import console.schedule_schemas
import console.schemas
import console.verdict_schemas
from chaos.guard_schemas import Freeze, GuardAnswers
from console.clients import control
from console.clients.control import ControlClient
from console.clients.failures import (
    NotReachedError,
    RefusedError,
    RejectedError,
    SignedOutError,
    SourceAwayError,
)
from console.replica_schemas import AsideRequest, RestartRequest
from console.schemas import DrillRequest, ReasonOnly, ScaleRequest
from tests.fakes.chaos_room import EXPERIMENTS
from tests.fakes.control import FakeControlService, application
from tests.fixtures.control_service import Service, service, stopped
from tests.fixtures.running import eventually

__all__ = ["service", "stopped"]

WORDS = {"title", "description", "$defs"}


def _shape(model: type[BaseModel]) -> Any:
    """Return the JSON schema with its references resolved and its words left out."""
    schema = model.model_json_schema(mode="serialization")

    def plain(node: Any) -> Any:
        if isinstance(node, list):
            return [plain(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return plain(schema["$defs"][node["$ref"].rpartition("/")[2]])
        return {
            key: {name: plain(field) for name, field in value.items()}
            if key == "properties"
            else plain(value)
            for key, value in node.items()
            if key not in WORDS
        }

    return plain(schema)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (chaos.schemas.Experiment, console.schemas.Experiment),
        (chaos.schemas.JournalEntry, console.schemas.JournalEntry),
        (chaos.schemas.DrillVerdict, console.verdict_schemas.DrillVerdict),
        (chaos.schemas.HaltThrown, console.schemas.HaltThrown),
        (chaos.ledger.standing.Standing, console.ledger_schemas.LedgerRow),
    ],
)
def test_chaos_writes_what_the_control_service_reads(
    written: type[BaseModel], read: type[BaseModel]
) -> None:
    assert _shape(written) == _shape(read)


def test_of_a_game_day_the_control_service_reads_a_part() -> None:
    written, read = (
        _shape(chaos.gameday.record.GameDay),
        _shape(console.game_day_schemas.HeldGameDay),
    )
    assert _part_of(read, written) == []


def _part_of(read: Any, written: Any, place: str = "") -> list[str]:
    """Return where something is read that is not written, or is written otherwise."""
    if not isinstance(read, dict):
        return [] if read == written else [place]
    if "properties" in read:
        return [
            found
            for name, field in read["properties"].items()
            for found in _part_of(field, written["properties"].get(name), f"{place}.{name}")
        ]
    if "anyOf" in read:
        pairs = zip(read["anyOf"], written["anyOf"], strict=True)
        return [found for one, other in pairs for found in _part_of(one, other, place)]
    if "items" in read:
        return _part_of(read["items"], written["items"], f"{place}[]")
    return [] if read == written else [place]


def test_chaos_reads_what_the_guards_answer() -> None:
    told, read = _shape(console.guard_schemas.GuardAnswers), _shape(GuardAnswers)
    names = told["properties"]["guards"]["items"]["properties"]["guard"].pop("enum")
    assert "blast-radius" in names
    assert told == read


def test_chaos_knows_every_field_of_a_freeze_window() -> None:
    told, read = _shape(console.guard_schemas.Freeze), _shape(Freeze)
    assert list(told["properties"]) == list(read["properties"])


def test_both_know_the_same_profiles_of_guards() -> None:
    assert get_args(chaos.schemas.GuardProfile) == get_args(console.schemas.GuardProfile)


def test_what_chaos_asks_of_an_alert_is_told_by_the_control_service() -> None:
    told = _shape(console.schemas.Alert)["properties"]
    asked = _shape(chaos.schemas.DeliveredAlert)["properties"]
    assert {name: told[name] for name in asked} == asked


def test_what_chaos_asks_of_a_schedule_is_told_by_the_control_service() -> None:
    assert _shape(chaos.schemas.Turn) == _shape(console.schedule_schemas.Turn)
    told = _shape(console.schedule_schemas.Schedule)["properties"].keys()
    assert _shape(chaos.schemas.Schedule)["properties"].keys() <= told


def test_the_stand_in_has_no_route_that_the_service_has_not(service: Service) -> None:
    with service.operator as client:
        real = client.get("/openapi.json").json()["paths"]
    stand_in = application(FakeControlService()).openapi()["paths"]
    invented = {
        (method, path)
        for path, methods in stand_in.items()
        for method in methods
        # Its sign-in has a code that never changes, where the service has one for each link.
        if method not in real.get(path.replace("/sign-in/now", "/sign-in/{code}"), {})
    }
    assert invented == set()


def test_the_typed_client_understands_every_answer(service: Service) -> None:
    client = ControlClient(service.url, service.token("operator_token"))
    assert client.session().kind == "token"
    assert client.state().desired["api"] == 2
    assert client.preview("api", 3).starts == ["api-3"]
    action = client.scale(ScaleRequest(role="api", count=3, reason="a test"))
    assert action.id in [row.id for row in client.actions(10)]
    # A drill is let in once all replicas serve.
    eventually(lambda: client.actions(1)[0].state, lambda state: state == "done", "scaled")
    run = client.start_drill(DrillRequest(experiment="passes", reason="a test")).run
    # It does not come back, so that there is something left to resume.
    service.driver.stuck = {"worker"}
    worker = client.restart(RestartRequest(target="worker", reason="a test"))
    assert client.abort(worker.id, ReasonOnly(reason="a test")).state == "aborted"
    assert client.resume(worker.id, ReasonOnly(reason="a test")).state == "running"
    assert client.headroom("api").carries == "unknown"
    client.quarantine("api-2", AsideRequest(reason="a test"))
    client.release("api-2", ReasonOnly(reason="a test"))
    assert client.drill(run).experiment == client.drills(1)[0].experiment == "passes"
    assert client.halt(ReasonOnly(reason="a test")).on
    assert not client.rearm(ReasonOnly(reason="a test")).on
    assert (client.firing(), len(client.experiments())) == ([], len(EXPERIMENTS))
    assert client.schedules() == []
    assert client.game_days()[0].attempts[0].experiment == "passes"
    assert (client.faults().faults, client.ledger()[0].alert) == ([], "ReplicaDown")


def test_the_typed_client_tells_refusals_from_mistakes(service: Service) -> None:
    client = ControlClient(service.url, service.token("operator_token"))
    with pytest.raises(RefusedError, match="1 to 16"):
        client.scale(ScaleRequest(role="api", count=99, reason="a test"))
    with pytest.raises(RejectedError, match="passes"):
        client.start_drill(DrillRequest(experiment="unknown", reason="a test"))
    with pytest.raises(SignedOutError):
        ControlClient(service.url, "nobody").session()


def test_the_typed_client_tells_who_was_never_asked_from_who_did_not_answer(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = ScaleRequest(role="api", count=3, reason="a test")
    service.driver.unavailable = True
    with pytest.raises(SourceAwayError) as failed:
        ControlClient(service.url, service.token("operator_token")).scale(wanted)
    monkeypatch.setattr(control, "TIMEOUT", httpx.Timeout(5.0, read=1e-6))
    with pytest.raises(SourceAwayError) as late:
        ControlClient(service.url, service.token("operator_token")).scale(wanted)
    assert not isinstance(failed.value, NotReachedError)
    assert not isinstance(late.value, NotReachedError)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        away = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(NotReachedError, match="does not answer"):
            ControlClient(away, "nobody").scale(wanted)


def test_the_typed_client_waits_longer_for_what_takes_longer_than_a_page(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "TIMEOUT", httpx.Timeout(5.0, read=1e-6))
    client = ControlClient(service.url, service.token("operator_token"))
    run = client.start_drill(DrillRequest(experiment="passes", reason="a test"))
    assert run.experiment == "passes"
    assert client.halt(ReasonOnly(reason="a test")).on
