"""Addresses of users and types of events."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.schemas.events import CloudEvent
from backend.schemas.users import UserCreate
from chaos.traffic.accesslog import LogLine
from chaos.traffic.trace import Numbered
from chaos.traffic.users import email_of
from chaos.traffic.visitor import cloud_event
from chaos.traffic.work import event_type, replayed

NAMES = st.one_of(st.ip_addresses().map(str), st.text(min_size=1, max_size=255))


@given(NAMES)
def test_every_name_has_an_address_that_the_product_accepts_as_it_is(name: str) -> None:
    user = UserCreate(email=email_of(name), name="x")
    assert user.email == email_of(name)


@given(st.lists(NAMES, unique=True))
def test_different_names_have_different_addresses(names: list[str]) -> None:
    assert len({email_of(name) for name in names}) == len(names)


def test_an_ipv4_address_stays_readable() -> None:
    assert email_of("203.0.113.9") == "203.0.113.9@visitor.example"


@pytest.mark.parametrize(
    ("status", "suffix"),
    [(200, "served"), (206, "served"), (304, "unchanged"), (301, "redirected"), (404, "refused"),
     (500, "failed"), (100, "logged"), (None, "logged")],
)  # fmt: skip
def test_the_type_tells_how_the_request_went(status: int | None, suffix: str) -> None:
    line = LogLine("a", datetime(2015, 5, 17, tzinfo=UTC), "GET", "/", status, 1)
    assert event_type(line) == f"web.request.{suffix}"


def test_a_line_becomes_an_event_that_the_product_accepts() -> None:
    line = LogLine("a", datetime(2015, 5, 17, tzinfo=UTC), "GET", "/x", 200, None)
    post = replayed(Numbered(7, line), 2, "urn:pharos:trace:d:r")
    event = CloudEvent.model_validate(cloud_event(post, str(uuid4())))
    assert (event.id, event.source, event.time) == ("2-7", "urn:pharos:trace:d:r", line.time)
    assert event.data == {"method": "GET", "path": "/x", "status": 200}
