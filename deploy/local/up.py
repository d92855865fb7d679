"""`pharos up`: starts the stack, or what is missing of it."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from deploy.elk.store import store_of
from deploy.home import Home
from deploy.local.acquire import Programs
from deploy.local.component import Component
from deploy.local.extras import environment, product_environment, require_known, settled
from deploy.local.holders import require_free
from deploy.local.holds import holds
from deploy.local.interruption import uninterrupted
from deploy.local.layout import changing, prepare_home
from deploy.local.parts import PRODUCT_RANK, REAL, Parts
from deploy.local.progress import Steps
from deploy.local.specs import launched_with, read_record
from deploy.local.starting import NotHealthyError, launch, wait_healthy
from deploy.local.stopping import stack_processes, stop, stop_everything
from deploy.local.supervisor import Supervisor
from deploy.local.wanted import SEATS, Wanted, read_wanted, write_wanted
from deploy.secrets import ensure_secrets

GONE_SECONDS = 45.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What `up` did; times are seconds."""

    started: list[str]
    already_ran: list[str]
    seconds: float
    download_seconds: float
    downloaded_bytes: int


@dataclass(slots=True)
class Start:
    """One run of `up`, holding the stack's lock; remembers what must be undone."""

    home: Home
    steps: Steps
    parts: Parts
    wanted: Wanted
    supervisor: Supervisor
    before: Wanted | None
    began_from_nothing: bool = False
    watched: dict[str, str] = field(default_factory=dict)
    started: list[str] = field(default_factory=list)
    restarted: list[str] = field(default_factory=list)
    already_ran: list[str] = field(default_factory=list)

    def run_or_undo(self, found: Programs | None) -> None:
        """Start what is missing; whatever goes wrong, stop what was started and raise it."""
        try:
            self.run(found)
        except NotHealthyError as error:
            error.ran_before = error.component in self.already_ran
            self.undo()
            raise
        except BaseException:
            self.undo()
            raise

    def run(self, found: Programs | None) -> None:
        """Start what is missing, rank by rank, each rank healthy before the next."""
        self._require_supervisor_or_clean_up()
        self.watched = {} if self.began_from_nothing else self.supervisor.watched()
        ranks = [list(rank) for rank in self.parts.servers(self.home, self.wanted, found)]
        later = self._product()
        planned = [part for rank in [*ranks, later] for part in rank]
        self.already_ran = [part.name for part in planned if self._runs(part.name)]
        missing = [part for part in planned if part.name not in self.already_ran]
        require_free(self.home, missing)
        if self.began_from_nothing:
            self.supervisor.start()
        for rank, components in enumerate(ranks):
            self._start_rank(components, rank)
        if self.parts.settle_servers(self.home, self.wanted):
            later = self._product()
        self._start_rank(later, PRODUCT_RANK)
        for rank, components in [*enumerate(ranks), (PRODUCT_RANK, later)]:
            self._restart_misled(components, rank)

    def undo(self) -> None:
        """Stop what this run started; the whole stack, if it began from nothing."""
        with uninterrupted():
            self.steps.say("stopping what was started")
            if self.began_from_nothing:
                stop_everything(self.home, self.steps.say)
            else:
                stop(self.home, self.started, self.steps.say)
            if self.before:
                write_wanted(self.home, self._restored(self.before))
                self._tell_again_what_was_told()
            else:
                self.home.stack_file.unlink(missing_ok=True)

    def _restored(self, before: Wanted) -> Wanted:
        """Return what was wanted before, with the counts that somebody else changed since."""
        now = (read_wanted(self.home) or before).counts
        asked = self.wanted.counts
        changed = {role: count for role, count in now.items() if count != asked[role]}
        return before.model_copy(update={"counts": before.counts | changed})

    def _runs(self, name: str) -> bool:
        """Return whether circus holds it up; what crashes in a loop is to be started afresh.

        A launcher that waits because of a fault's hold starts it by itself in the end.
        """
        record = read_record(self.home, name)
        backs_off = record is not None and (record.looping or record.waiting)
        looping = backs_off and not holds(self.home, name)
        if self.watched.get(name) == "active" and not looping:
            return True
        if name in self.watched:
            stop(self.home, [name], self.steps.say)
        return False

    def _product(self) -> list[Component]:
        replicas = [self.parts.replica(self.home, seat) for seat in self.wanted.seats()]
        return [*replicas, *self.parts.services(self.home)]

    def _require_supervisor_or_clean_up(self) -> None:
        if self.supervisor.answers(timeout=10):
            return
        self.began_from_nothing = True
        if stack_processes(self.home):
            ended = stop_everything(self.home, self.steps.say)
            self.steps.say(f"the supervisor was gone: ended {ended} processes that it left behind")

    def _start_rank(self, components: Sequence[Component], rank: int) -> None:
        for part in components:
            self.steps.begin(part.name, "already runs" if part.name in self.already_ran else "")
            if part.name not in self.already_ran:
                self.started.append(part.name)
                self.steps.detail(part.name, "preparing")
                launch(self.home, self.supervisor, part, rank)
        wait_healthy(self.home, components, self.steps)

    def _restart_misled(self, components: Sequence[Component], rank: int) -> None:
        """Restart, one after the other, what runs with other words of ours than it is told now."""
        for part in components:
            told = launched_with(self.home, part.name)
            if any(told.get(name) != part.env[name] for name in part.env.keys() & self._words()):
                self.steps.begin(part.name, "restarts, since what it is told has changed")
                # First, so that what cannot be prepared goes on as it is.
                part.prepare()
                self.restarted.append(part.name)
                self._relaunch(part, rank)
                wait_healthy(self.home, [part], self.steps)

    def _words(self) -> set[str]:
        """Return the variables that may change in a stack that runs: where servers are, extras'."""
        return {
            *self.home.product_environment,
            *environment(self.home, self.wanted.extras),
            *product_environment(self.home, self.wanted.extras),
            *store_of(self.home).variables(),
        }

    def _relaunch(self, part: Component, rank: int) -> None:
        stop(self.home, [part.name], self.steps.say)
        launch(self.home, self.supervisor, part, rank)

    def _tell_again_what_was_told(self) -> None:
        """Restart as they ran before those that this run restarted: nobody else would."""
        for part in self._product():
            if part.name in self.restarted:
                self._relaunch(part, PRODUCT_RANK)


def _wanted(before: Wanted | None, replicas: int | None, extras: Collection[str]) -> Wanted:
    known = (before or Wanted()).with_extras(extras)
    wanted = known.model_copy(update={"extras": settled(known.extras)})
    return wanted if replicas is None else wanted.with_count("api", replicas)


def up(
    home: Home,
    steps: Steps,
    *,
    replicas: int | None = None,
    extras: Collection[str] = (),
    parts: Parts = REAL,
) -> Outcome:
    """Start the stack, or what is missing of it; on failure stop what was started.

    `replicas` None keeps the count that the running stack holds (a fresh one: 2);
    `extras` are added to those that it has, and to those that are here by themselves.

    Raises:
        UnknownExtraError: there is no such extra.
        StackError: a port, a right or a component is in the way; says which.
        AcquireError: a server program cannot be had.
        PreparationError: a server's data or configuration cannot be made.
    """
    began = time.monotonic()
    require_known(extras)
    prepare_home(home)
    with changing(home, lambda who: steps.say(f"waiting: {who} is changing this stack")):
        ensure_secrets(home.keys)
        found = parts.obtain(home, _wanted(read_wanted(home), replicas, extras), steps.say)
        # Read only now: the node agent takes a scaling meanwhile, and waits for no lock.
        before = read_wanted(home)
        wanted = _wanted(before, replicas, extras)
        start = Start(home, steps, parts, wanted, Supervisor(home), before)
        write_wanted(home, wanted)
        start.run_or_undo(found)
    _wait_for_the_surplus_to_go(home)
    return Outcome(
        started=[*start.started, *start.restarted],
        already_ran=start.already_ran,
        seconds=time.monotonic() - began,
        download_seconds=found.seconds if found else 0.0,
        downloaded_bytes=found.downloaded_bytes if found else 0,
    )


def _wait_for_the_surplus_to_go(home: Home) -> None:
    """Wait until the node agent has taken away the replicas that are no longer wanted."""
    deadline = time.monotonic() + GONE_SECONDS
    while time.monotonic() < deadline:
        wanted = read_wanted(home) or Wanted()
        surplus = {seat.id for seat in SEATS} - {seat.id for seat in wanted.seats()}
        if not surplus & {process.component for process in stack_processes(home)}:
            return
        time.sleep(0.2)
