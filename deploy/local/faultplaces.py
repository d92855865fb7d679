"""Every place of a stack where faults are made: the node agent, and each process's fault port."""

from collections.abc import Iterator
from contextlib import contextmanager

from deploy.faults import FaultClient
from deploy.faults.inventory import Inventory, take_inventory
from deploy.faults.sweep import ANSWER_SECONDS, PATIENCE_SECONDS, Place, Swept, sweep
from deploy.home import Home
from deploy.local.status import occupied
from deploy.local.wanted import read_wanted
from deploy.secrets import read_secret


def fault_places(home: Home) -> list[Place]:
    """Return them as the disk has them, whoever is dead; none while there is no stack.

    Raises:
        FileNotFoundError, PermissionError: the key of a fault port is missing, or another user's.
    """
    wanted = read_wanted(home)
    if wanted is None:
        return []
    token = read_secret(home.keys, "fault_token")
    processes = [
        Place(seat.id, _client(seat.ops_port(home), token)) for seat in occupied(home, wanted)
    ]
    agent = _client(home.ports["agent"], read_secret(home.keys, "agent_token"))
    return [Place("the node agent", agent, outlives=True), *processes]


def sweep_stack(home: Home, patience: float = PATIENCE_SECONDS) -> Swept:
    """Take back every fault of a stack; what cannot even be asked for is left."""
    try:
        with _opened(home) as places:
            return sweep(places, patience)
    except OSError as error:
        return Swept(reverted=[], left=[_closed(error)], seconds=0.0)


def stack_inventory(home: Home) -> Inventory:
    """Read back every fault of a stack; what cannot even be asked for is unknown."""
    try:
        with _opened(home) as places:
            return take_inventory(places)
    except OSError as error:
        return Inventory(faults=[], residue=[], unknown=[_closed(error)])


@contextmanager
def _opened(home: Home) -> Iterator[list[Place]]:
    places = fault_places(home)
    try:
        yield places
    finally:
        for place in places:
            place.client.close()


def _closed(error: OSError) -> str:
    return f"the fault ports cannot be opened: {error}"


def _client(port: int, token: str) -> FaultClient:
    return FaultClient(f"http://127.0.0.1:{port}", token, ANSWER_SECONDS)
