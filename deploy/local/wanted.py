"""What the stack is asked to be: how many replicas of each role, and which extra parts."""

import json
import os
from collections.abc import Collection
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from deploy.driver import Bounds
from deploy.home import Home
from deploy.ports import MAX_REPLICAS

ROLES: dict[str, Bounds] = {
    "api": Bounds(minimum=1, maximum=MAX_REPLICAS),
    "relay": Bounds(minimum=1, maximum=1),
    "worker": Bounds(minimum=1, maximum=1),
}
DEFAULT_COUNTS = {"api": 2, "relay": 1, "worker": 1}


class Seat(BaseModel):
    """One replica's place: its role and slot give its name and its ports."""

    model_config = ConfigDict(frozen=True)

    role: str
    slot: int

    @property
    def id(self) -> str:
        return f"{self.role}-{self.slot}" if self.role == "api" else self.role

    def traffic_port(self, home: Home) -> int | None:
        return home.ports.replica(self.slot)[0] if self.role == "api" else None

    def ops_port(self, home: Home) -> int:
        return home.ports.replica(self.slot)[1] if self.role == "api" else home.ports[self.role]


SEATS = tuple(
    Seat(role=role, slot=slot)
    for role, bounds in ROLES.items()
    for slot in range(1, bounds.maximum + 1)
)
SEATS_BY_ID = {seat.id: seat for seat in SEATS}


class Wanted(BaseModel):
    """The contents of `stack.json`."""

    model_config = ConfigDict(frozen=True)

    counts: dict[str, int] = DEFAULT_COUNTS
    extras: frozenset[str] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _read_an_older_shape(cls, values: dict[str, Any]) -> dict[str, Any]:
        """A stack that an earlier release started says `errors: true` instead."""
        known = dict(values)
        if known.pop("errors", False):
            known["extras"] = {*known.get("extras", ()), "errors"}
        return known

    def seats(self) -> list[Seat]:
        """Return the seats that are to be filled, in order."""
        return [seat for seat in SEATS if seat.slot <= self.counts[seat.role]]

    def with_count(self, role: str, count: int) -> "Wanted":
        return self.model_copy(update={"counts": self.counts | {role: count}})

    def with_extras(self, names: Collection[str]) -> "Wanted":
        """Add extras; those that it has already stay."""
        return self.model_copy(update={"extras": self.extras | frozenset(names)})


def read_wanted(home: Home) -> Wanted | None:
    """Return what was last asked for; None when no stack was started since the last `down`."""
    try:
        text = home.stack_file.read_text()
    except FileNotFoundError:
        return None
    return Wanted.model_validate(json.loads(text))


def missing_extras(home: Home, names: Collection[str]) -> list[str]:
    """Return those of these extras that the stack has not; all of them where none was started."""
    wanted = read_wanted(home)
    return sorted(set(names) - (wanted.extras if wanted else frozenset()))


def write_wanted(home: Home, wanted: Wanted) -> None:
    """Replace `stack.json` in one step; the node agent follows it."""
    fresh = home.stack_file.with_name(f".{home.stack_file.name}.{os.getpid()}")
    fresh.write_text(wanted.model_dump_json())
    fresh.replace(home.stack_file)
