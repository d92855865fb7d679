"""What is injected now, wherever it is and whoever made it: every lease, and what none holds."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from pydantic import BaseModel, ConfigDict

from backend.schemas.faults import Fault
from deploy.faults.errors import FaultClientError, FaultPortClosedError, UnknownFaultError
from deploy.faults.sweep import Place


class HeldFault(Fault):
    """A fault with the name of the place that holds its lease."""

    place: str


class Inventory(BaseModel):
    """Every place read back: `residue` is what no lease holds, `unknown` who did not answer."""

    model_config = ConfigDict(frozen=True)

    faults: list[HeldFault]
    residue: list[str]
    unknown: list[str]


def take_inventory(places: Sequence[Place]) -> Inventory:
    """Read every place back, side by side; those whose lease ends first come first."""
    if not places:
        return Inventory(faults=[], residue=[], unknown=[])
    with ThreadPoolExecutor(len(places), thread_name_prefix="inventory") as pool:
        found = list(pool.map(_of, places))
    faults = [fault for each in found for fault in each.faults]
    return Inventory(
        faults=sorted(faults, key=lambda fault: fault.expires_at),
        residue=sorted(words for each in found for words in each.residue),
        unknown=[words for each in found for words in each.unknown],
    )


def _of(place: Place) -> Inventory:
    faults: list[HeldFault] = []
    residue: list[str] = []
    unknown: list[str] = []
    try:
        found = place.client.read_back()
        faults = [HeldFault(place=place.name, **fault.model_dump()) for fault in found.faults]
        residue = list(found.residue)
    except UnknownFaultError:
        pass  # a process without a fault port, in which nothing can have been made
    except FaultPortClosedError as error:
        if place.outlives:
            unknown = [f"{place.name}: {error}"]
    except FaultClientError as error:
        unknown = [f"{place.name}: {error}"]
    return Inventory(faults=faults, residue=residue, unknown=unknown)
