"""The node agent of a small stack as a process of its own: `python -m tests.fakes.small_agent`.

While `run/dies-after-saves` holds a number, it kills itself the moment that many
more leases are on disk, before anything follows from that. It has more patience than
a real one: what stands still for some seconds has not failed to make or end a fault.
"""

import os
import signal
from functools import partialmethod
from pathlib import Path

import uvicorn

from deploy.home import Home
from deploy.local.agent import polls
from deploy.local.agent.faults import keeper
from deploy.local.agent.faults.leases import Lease, LeaseStore
from deploy.local.agent.server import build
from deploy.local.supervisor import Supervisor
from tests.fakes.parts import small_parts

# Less than a client of its faults waits for an injection.
FAULT_SECONDS = 15.0
ANSWER_SECONDS = 5.0


def die_after_saves(home: Home) -> Path:
    """Return the file that says when the agent is to die."""
    return home.run / "dies-after-saves"


def main() -> None:
    home, save = Home.from_environment(), LeaseStore.save

    def dying(store: LeaseStore, lease: Lease) -> None:
        save(store, lease)
        when = die_after_saves(home)
        if when.exists():
            left = int(when.read_text()) - 1
            when.write_text(str(left))
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    setattr(LeaseStore, "save", dying)  # noqa: B010
    keeper.EFFECT_SECONDS = keeper.REVERT_SECONDS = FAULT_SECONDS
    polls.ANSWER_SECONDS = ANSWER_SECONDS
    answers = partialmethod(Supervisor.answers, timeout=ANSWER_SECONDS)
    setattr(Supervisor, "answers", answers)  # noqa: B010
    uvicorn.run(build(home, small_parts()), port=home.ports["agent"], log_config=None)


if __name__ == "__main__":
    main()
