"""What a scaling would do: which replicas start and stop, and what to know beforehand. Pure."""

from dataclasses import dataclass

from console.headroom_schemas import Headroom
from console.schemas import ScalePreview
from deploy.driver import Bounds, Replica


@dataclass(frozen=True, slots=True)
class Situation:
    """A role as it is; `busy` says what goes on with it."""

    role: str
    desired: int
    bounds: Bounds
    replicas: list[Replica]
    busy: str | None = None


def out_of_bounds(role: str, bounds: Bounds, wanted: int) -> str | None:
    """Return why `wanted` replicas cannot be had; null when they can."""
    if bounds.minimum <= wanted <= bounds.maximum:
        return None
    if bounds.minimum == bounds.maximum:
        return f"{role} always has {bounds.maximum} replica: it cannot be scaled."
    return f"{role} can have {bounds.minimum} to {bounds.maximum} replicas, not {wanted}."


def preview(now: Situation, wanted: int) -> ScalePreview:
    """Return what asking for `wanted` replicas would do."""
    obstacles = _obstacles(now, wanted)
    present = {slot(replica.id): replica.id for replica in now.replicas}
    kept = set(sorted(present)[:wanted]) if not obstacles else set(present)
    missing = max(wanted - len(kept), 0) if not obstacles else 0
    return ScalePreview(
        role=now.role,
        current=now.desired,
        wanted=wanted,
        minimum=now.bounds.minimum,
        maximum=now.bounds.maximum,
        starts=[f"{now.role}-{number}" for number in _free(kept, missing)],
        stops=[present[number] for number in sorted(set(present) - kept)],
        allowed=not obstacles and wanted != now.desired,
        notes=obstacles or _notes(now, wanted),
    )


def weighed(plan: ScalePreview, headroom: Headroom) -> ScalePreview:
    """Return the plan with what each replica would carry, and whether that takes `anyway`."""
    beyond = bool(plan.stops) and headroom.carries == "no"
    notes = [*plan.notes, headroom.words]
    return plan.model_copy(update={"headroom": headroom, "anyway": beyond, "notes": notes})


def slot(replica_id: str) -> int:
    """Return the number in `api-3`; 0 for the only replica of a role."""
    number = replica_id.rpartition("-")[2]
    return int(number) if number.isdecimal() else 0


def _free(taken: set[int], count: int) -> list[int]:
    """Return the lowest numbers, from 1, that nobody has."""
    return [number for number in range(1, len(taken) + count + 1) if number not in taken][:count]


def _obstacles(now: Situation, wanted: int) -> list[str]:
    bounds = out_of_bounds(now.role, now.bounds, wanted)
    return [words for words in (bounds, now.busy) if words]


def _notes(now: Situation, wanted: int) -> list[str]:
    notes = []
    same = wanted == now.desired
    if same:
        notes.append(f"Nothing changes: {now.role} has {wanted} already.")
    if wanted == 1 and now.bounds.maximum > 1:
        notes.append("One replica left: any restart is an outage.")
    ready = sum(replica.ready for replica in now.replicas)
    if ready < now.desired:
        notes.append(f"Only {ready} of {now.desired} are ready now.")
    return notes
