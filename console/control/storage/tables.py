"""The rows of the control service's file; `migrations` makes their tables. Times are UTC."""

import json
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, DateTime, Dialect, Text
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from console.control.storage.chain import canonical


class UtcDateTime(TypeDecorator[datetime]):
    """SQLite keeps no zone: aware times go in as UTC and come out aware."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.replace(tzinfo=UTC)


class CanonicalJson(TypeDecorator[dict[str, Any]]):
    """JSON as the audit log's chain hashes it, whoever wrote it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else canonical(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Any] | None:  # noqa: ARG002
        return None if value is None else json.loads(value)


def _time() -> Column[datetime]:
    return Column(UtcDateTime, nullable=False)


def _time_or_null() -> Column[datetime]:
    return Column(UtcDateTime, nullable=True)


class Row(SQLModel, registry=registry()):
    """Base with a registry of its own: the product's tables live elsewhere."""


class AuditRow(Row, table=True):
    """`ref` is the id of the action or drill that a row is about.

    `before` and `after` are the target's state, where the row tells of a change.
    `previous` and `hash` are set when the row is appended: see `chain`.
    """

    __tablename__: ClassVar[str] = "audit"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_column=_time())
    actor: str
    action: str
    target: str
    reason: str
    outcome: str
    detail: str
    ref: str | None = None
    before: dict[str, Any] | None = Field(default=None, sa_column=Column(CanonicalJson))
    after: dict[str, Any] | None = Field(default=None, sa_column=Column(CanonicalJson))
    previous: str = ""
    hash: str = ""


class ActionRow(Row, table=True):
    """`asked` turns true once the driver has taken the wish.

    `plan` is a restart's: the processes that are to go, by replica.
    """

    __tablename__: ClassVar[str] = "actions"

    id: str = Field(primary_key=True)
    kind: str
    target: str
    wanted: int
    asked: bool = False
    plan: dict[str, int] | None = Field(default=None, sa_column=Column(CanonicalJson))
    state: str
    progress: str
    ready: int
    actor: str
    reason: str
    started_at: datetime = Field(sa_column=_time())
    ended_at: datetime | None = Field(default=None, sa_column=_time_or_null())


class DrillRow(Row, table=True):
    """A drill that this service started. `pid_started` is seconds since the epoch.

    `settled_at` is set together with the audit row that says how the drill ended.
    """

    __tablename__: ClassVar[str] = "drills"

    run: str = Field(primary_key=True)
    experiment: str
    actor: str
    reason: str
    profile: str = "standard"
    started_at: datetime = Field(sa_column=_time())
    pid: int | None = None
    pid_started: float | None = None
    settled_at: datetime | None = Field(default=None, sa_column=_time_or_null())


class PersonRow(Row, table=True):
    __tablename__: ClassVar[str] = "people"

    name: str = Field(primary_key=True)
    password_hash: str
    role: str
    added_by: str
    added_at: datetime = Field(sa_column=_time())


class TokenRow(Row, table=True):
    """A bearer token; its value is never stored."""

    __tablename__: ClassVar[str] = "tokens"

    digest: str = Field(primary_key=True)
    name: str
    scope: str
    reason: str
    created_by: str
    created_at: datetime = Field(sa_column=_time())
    expires_at: datetime = Field(sa_column=_time())
    revoked_at: datetime | None = Field(default=None, sa_column=_time_or_null())
    revoked_by: str | None = None


class SessionRow(Row, table=True):
    """A signed-in browser; the token itself is never stored."""

    __tablename__: ClassVar[str] = "sessions"

    digest: str = Field(primary_key=True)
    actor: str
    created_at: datetime = Field(sa_column=_time())
    expires_at: datetime = Field(sa_column=_time())


class SignInLinkRow(Row, table=True):
    __tablename__: ClassVar[str] = "sign_in_links"

    digest: str = Field(primary_key=True)
    actor: str
    expires_at: datetime = Field(sa_column=_time())
    used_at: datetime | None = Field(default=None, sa_column=_time_or_null())


class ScheduleRow(Row, table=True):
    """A schedule's terms, and the last of its turns that was started, refused or missed."""

    __tablename__: ClassVar[str] = "schedules"

    name: str = Field(primary_key=True)
    spec: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    created_by: str
    created_at: datetime = Field(sa_column=_time())
    settled_at: datetime | None = Field(default=None, sa_column=_time_or_null())


class AttemptRow(Row, table=True):
    """Failed sign-ins in a row, by name or by address."""

    __tablename__: ClassVar[str] = "attempts"

    key: str = Field(primary_key=True)
    failures: int
    last_at: datetime = Field(sa_column=_time())


class AlertRow(Row, table=True):
    __tablename__: ClassVar[str] = "alerts"

    fingerprint: str = Field(primary_key=True)
    starts_at: datetime = Field(sa_column=Column(UtcDateTime, primary_key=True))
    name: str
    severity: str
    status: str
    summary: str
    description: str = ""
    runbook_url: str | None = None
    console_url: str | None = None
    dashboard_url: str | None = None
    labels: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    annotations: dict[str, Any] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False)
    )
    drill: str | None = None
    ends_at: datetime | None = Field(default=None, sa_column=_time_or_null())
    received_at: datetime = Field(sa_column=_time())


class AcknowledgementRow(Row, table=True):
    """The last word of somebody on one firing of an alert."""

    __tablename__: ClassVar[str] = "acknowledgements"

    fingerprint: str = Field(primary_key=True)
    starts_at: datetime = Field(sa_column=Column(UtcDateTime, primary_key=True))
    actor: str
    reason: str
    at: datetime = Field(sa_column=_time())
    until: datetime = Field(sa_column=_time())
