"""What a schedule's row says: its terms, in whose name it acts, and why."""

from console.control.services.actors import Actor
from console.control.storage.tables import ScheduleRow
from console.schedule_schemas import ScheduleSpec


def spec_of(row: ScheduleRow) -> ScheduleSpec:
    return ScheduleSpec.model_validate(row.spec)


def actor_of(row: ScheduleRow) -> Actor:
    """Return the actor that its drills have: no more than an operator."""
    return Actor(f"schedule:{row.name}", "token", frozenset({"operator"}))


def reason_of(row: ScheduleRow) -> str:
    return f"schedule {row.name} of {row.created_by}: {spec_of(row).reason}"[:500]
