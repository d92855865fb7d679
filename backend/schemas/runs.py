"""What a load run writes down of itself, and what is later compared with it."""

from pydantic import BaseModel


class SentEvent(BaseModel):
    """One line of `runs/RUN.jsonl`: the identity of an event that the gateway accepted."""

    source: str
    id: str


class EventStats(BaseModel):
    """`pharos events stats --json`: read from tables and queues, never from counters of processes.

    `lag_seconds` is the age of the oldest accepted event that is not in the
    read model yet; 0 when there is none.
    """

    accepted: int
    outbox: int
    published: int
    consumed: int
    duplicates: int
    dead: int
    lag_seconds: float
    by_type: dict[str, int]


class RunVerification(BaseModel):
    """`pharos events verify --json`: a clean run has zeros but for `sent`."""

    sent: int
    missing: int
    doubled: int
    out_of_order: int
