"""The gate: who is let in, and what is remembered while the control service is away."""

from datetime import UTC, datetime, timedelta

import pytest

from console.access_schemas import Session
from console.clients.failures import SignedOutError, SourceAwayError
from console.components import session
from tests.fakes import believable
from tests.fakes.console import FakeControl


class Gatekeeper(FakeControl):
    def __init__(self) -> None:
        super().__init__()
        self.who = believable.session()

    def session(self) -> Session:
        self._check()
        return self.who


@pytest.fixture
def control() -> Gatekeeper:
    session._known().clear()
    return Gatekeeper()


def test_somebody_seen_before_is_believed_while_the_service_is_away(control: Gatekeeper) -> None:
    session._recognise(control, "cookie")
    control.trouble = SourceAwayError("away")
    assert session._recognise(control, "cookie").actor == "ada"


def test_somebody_never_seen_is_not_believed(control: Gatekeeper) -> None:
    control.trouble = SourceAwayError("away")
    with pytest.raises(SourceAwayError):
        session._recognise(control, "made up")


def test_an_expired_session_is_not_believed(control: Gatekeeper) -> None:
    control.who.expires_at = datetime.now(UTC) - timedelta(seconds=1)
    session._recognise(control, "cookie")
    control.trouble = SourceAwayError("away")
    with pytest.raises(SourceAwayError):
        session._recognise(control, "cookie")


def test_who_signed_out_is_forgotten(control: Gatekeeper) -> None:
    session._recognise(control, "cookie")
    control.trouble = SignedOutError("ended")
    with pytest.raises(SignedOutError):
        session._recognise(control, "cookie")
    control.trouble = SourceAwayError("away")
    with pytest.raises(SourceAwayError):
        session._recognise(control, "cookie")
