"""What the client of faults makes of the answers that a target may give."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backend.schemas.problems import FieldError, Problem
from deploy.faults import (
    FaultClient,
    FaultClientError,
    FaultNotDoneError,
    FaultRefusedError,
    FaultsForbiddenError,
    FaultTargetAwayError,
    FaultUnfitError,
    NotSignedInError,
    UnknownFaultError,
)
from tests.fakes.serving import Quiet, serving

Answer = Callable[[int, str], FaultClient]


@pytest.fixture
def answering() -> Iterator[Answer]:
    """Return a client of a target that answers everything with one status and body."""
    given: dict[str, Any] = {"status": 200, "body": ""}

    class Target(Quiet):
        def do_GET(self) -> None:
            self.send(given["body"].encode(), given["status"])

    def answer(status: int, body: str) -> FaultClient:
        given.update(status=status, body=body)
        return client

    with serving(Target) as port:
        client = FaultClient(f"http://127.0.0.1:{port}", "token")
        yield answer
        client.close()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, NotSignedInError),
        (403, FaultsForbiddenError),
        (404, UnknownFaultError),
        (409, FaultRefusedError),
        (500, FaultClientError),
        (503, FaultNotDoneError),
    ],
)
def test_a_refusal_has_its_own_type_and_the_target_s_words(
    answering: Answer, status: int, error: type[FaultClientError]
) -> None:
    problem = Problem(title="No", status=status, detail="do this instead")
    with pytest.raises(error, match="do this instead") as raised:
        answering(status, problem.model_dump_json()).read_back()
    assert type(raised.value) is error


def test_what_does_not_fit_names_its_fields(answering: Answer) -> None:
    errors = [FieldError(field="arguments.status", message="400 at least")]
    problem = Problem(title="No", status=422, detail="does not fit", errors=errors)
    with pytest.raises(FaultUnfitError) as raised:
        answering(422, problem.model_dump_json()).read_back()
    assert raised.value.errors == errors


@pytest.mark.parametrize("status", [200, 502])
def test_an_answer_of_somebody_else_is_said_so(answering: Answer, status: int) -> None:
    with pytest.raises(FaultClientError, match=r"502|no Faults"):
        answering(status, "<html>").read_back()


def test_a_target_that_nobody_is_at_is_said_to_be_away() -> None:
    # Bound and not listened on: while it is kept, nobody else is given it.
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        port = kept.getsockname()[1]
        with (
            FaultClient(f"http://127.0.0.1:{port}", "token") as client,
            pytest.raises(FaultTargetAwayError, match=str(port)),
        ):
            client.revert("any")


def test_a_target_that_takes_too_long_is_said_to_be_away() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as deaf,
        FaultClient(f"http://127.0.0.1:{deaf.getsockname()[1]}", "token", timeout=0.1) as client,
        pytest.raises(FaultTargetAwayError),
    ):
        client.revert_all()
