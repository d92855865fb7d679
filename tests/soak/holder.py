"""Holds one fault by its lease, as a drill's runner does, until it is killed.

`python -m tests.soak.holder NUMBER LEASE_SECONDS`: the practice of that number. It prints
the target once the fault is there.
"""

import sys
import threading

from chaos.drill import Abort
from chaos.faults.renewing import Renewer
from chaos.places import StackPlaces, is_agents
from chaos.rehearsal.practices import PRACTICES
from chaos.rehearsal.stages import Leased
from deploy.home import Home
from deploy.local.driver import LocalDriver


def main(number: int, lease_seconds: float) -> None:
    home, practice = Home.from_environment(), PRACTICES[number]
    places = StackPlaces(home)
    rows = [row for row in LocalDriver(home).status().replicas if row.role == practice.target]
    outside = not rows or is_agents(practice.kind, practice.target)
    place = places.agent() if outside else places.replica(rows[0])
    target = rows[0].id if rows else practice.target
    injection = Leased(practice, target, place, f"soak-{number}").injection
    place.inject(injection.model_copy(update={"lease_seconds": lease_seconds}))
    Renewer(place, injection.id, lease_seconds, Abort()).start()
    print(target, flush=True)  # noqa: T201  what whoever started it waits for
    threading.Event().wait()


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
