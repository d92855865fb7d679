"""The tables. Times are UTC with zone; identifiers of rows never leave but `User.id`.

Ordering: `Stream.last_sequence` is raised under its row lock in the transaction
that writes an event, so a user's sequences are gapless and in commit order.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


def _now() -> datetime:
    return datetime.now(UTC)


def _time(*, nullable: bool = False) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable)


class User(SQLModel, table=True):
    __tablename__ = "users"
    __table_args__ = (Index("users_keyset", "created_at", "id"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    email: str = Field(unique=True)
    name: str
    created_at: datetime = Field(default_factory=_now, sa_column=_time())
    updated_at: datetime = Field(default_factory=_now, sa_column=_time())


class IdempotencyKey(SQLModel, table=True):
    """The first answer to a keyed request; `fingerprint` tells a repeat from a misuse."""

    __tablename__ = "idempotency_keys"

    key: str = Field(primary_key=True)
    fingerprint: str
    status: int
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = Field(
        default_factory=_now, sa_column=Column(DateTime(timezone=True), nullable=False, index=True)
    )


class CacheEra(SQLModel, table=True):
    """The one row that says whether the cache may be believed, and in which namespace it lives.

    `backend.cache.trust` has the protocol; the row is here because only a
    commit can make a change of users and a distrust of the cache one thing.
    """

    __tablename__ = "cache_era"
    __table_args__ = (CheckConstraint("id = 1", name="cache_era_one_row"),)

    id: int = Field(default=1, primary_key=True)
    number: int = Field(default=1, sa_type=BigInteger)
    trusted: bool = True


class Stream(SQLModel, table=True):
    """One row a user: the last sequence given out. It outlives the user."""

    __tablename__ = "streams"

    user_id: UUID = Field(primary_key=True)
    last_sequence: int = Field(default=0, sa_type=BigInteger)


class Event(SQLModel, table=True):
    """The event log: every accepted event once."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("source", "id", name="events_identity"),
        UniqueConstraint("user_id", "sequence", name="events_order"),
    )

    key: UUID = Field(default_factory=uuid4, primary_key=True)
    source: str
    id: str
    type: str = Field(index=True)
    user_id: UUID
    sequence: int = Field(sa_type=BigInteger)
    time: datetime = Field(sa_column=_time())
    accepted_at: datetime = Field(default_factory=_now, sa_column=_time())
    document: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class OutboxRow(SQLModel, table=True):
    """A message to publish; marked after the broker's ack, removed some time later."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_pending", "position", postgresql_where=text("published_at IS NULL")),
    )

    position: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    event_key: UUID
    routing_key: str
    headers: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = Field(default_factory=_now, sa_column=_time())
    published_at: datetime | None = Field(default=None, sa_column=_time(nullable=True))


class InboxRow(SQLModel, table=True):
    """One row an event that a consumer has dealt with, written with its effect."""

    __tablename__ = "inbox"

    consumer: str = Field(primary_key=True)
    event_key: UUID = Field(primary_key=True)
    outcome: str  # applied or dead
    deliveries: int = Field(default=1)
    handled_at: datetime = Field(default_factory=_now, sa_column=_time())


class Activity(SQLModel, table=True):
    """The read model: a user's events. `position` is the order in which they were applied."""

    __tablename__ = "activity"
    __table_args__ = (Index("activity_by_user", "user_id", "sequence"),)

    position: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    event_key: UUID = Field(index=True)
    user_id: UUID
    sequence: int = Field(sa_type=BigInteger)
    source: str
    id: str
    type: str
    time: datetime = Field(sa_column=_time())
    data: Any = Field(default=None, sa_column=Column(JSONB, nullable=True))


class ActivitySummary(SQLModel, table=True):
    """How far a user's stream has been applied, and how many events that were.

    The count is raised, not computed: an effect that happened twice shows.
    """

    __tablename__ = "activity_summaries"

    user_id: UUID = Field(primary_key=True)
    applied_sequence: int = Field(default=0, sa_type=BigInteger)
    events: int = Field(default=0, sa_type=BigInteger)
    updated_at: datetime = Field(default_factory=_now, sa_column=_time())
