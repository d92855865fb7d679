"""One load run from the first request to the last answer: wires the parts together."""

import asyncio
import secrets
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from chaos.traffic.gateway import Gateway, UnansweredError
from chaos.traffic.openloop import OpenLoop
from chaos.traffic.plan import Plan
from chaos.traffic.progress import RunProgress
from chaos.traffic.runfile import RunFile
from chaos.traffic.strain import Strain
from chaos.traffic.summary import Summary, summarize
from chaos.traffic.tally import Tally
from chaos.traffic.target import Target
from chaos.traffic.users import Users
from chaos.traffic.visitor import Visitor
from chaos.traffic.work import Schedule

TICK = 0.5
# Within it, the function that it is given is called when the run is to end.
EndedBy = Callable[[Callable[[], None]], AbstractContextManager[None]]


class UnreachableError(Exception):
    """Nothing answers at the gateway's address."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A run's figures; `bottleneck` is a sentence when the generator itself held it back."""

    summary: Summary
    tally: Tally
    bottleneck: str | None
    stopped: bool


def new_run_id() -> str:
    """Return `YYYYMMDDTHHMMSS-xxxx`, in UTC."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"


@contextmanager
def by_signals(end: Callable[[], None]) -> Iterator[None]:
    """End a run at SIGINT or SIGTERM; only in the main thread."""
    events = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        events.add_signal_handler(number, end)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            events.remove_signal_handler(number)


async def run_load(  # noqa: PLR0913 - what is run, and how it is watched
    plan: Plan,
    target: Target,
    runs: Path,
    run: str,
    ended_by: EndedBy = by_signals,
    *,
    shown: bool = True,
) -> Finished:
    """Do the run and write what was acknowledged to `runs/RUN.jsonl`.

    The first call to end it ends the schedule and waits for the answers; a second one gives
    them up. Its progress is `shown` on a terminal.

    Raises:
        UnreachableError: nothing answers at the gateway's address.
        TraceError: the log that is replayed is gone, or nothing of it can be read any more.
        OSError: the run's file cannot be written.
    """
    tally, strain = Tally(), Strain()
    async with Gateway(target.url, target.token) as gateway:
        await _reach(gateway, target)
        users = Users(gateway, plan.source(run))
        with RunFile(runs / f"{run}.jsonl") as file:
            visitor = Visitor(gateway, users, file.add)
            loop = OpenLoop(visitor.perform, tally, strain)
            with RunProgress(plan.title, plan.seconds, tally, shown=shown) as bar:
                ticker = _Ticker(file, strain, bar)
                await _drive(loop, plan.schedule(run), ticker, ended_by)
        summary = summarize(run, plan, tally, gateway.retried, len(users))
    return Finished(summary, tally, strain.verdict(), loop.stopped)


async def _reach(gateway: Gateway, target: Target) -> None:
    try:
        await gateway.get("/v1/users", {"limit": "1"})
    except UnansweredError as error:
        raise UnreachableError(f"nothing answers at {target.url} ({error})") from error
    gateway.retried = 0


class _Ticker:
    """Every half second: hands over to the file, samples the strain, moves the bar."""

    def __init__(self, file: RunFile, strain: Strain, bar: RunProgress) -> None:
        self._file, self._strain, self._bar = file, strain, bar

    def tell_stop(self, in_flight: int) -> None:
        answers = f"waiting for {in_flight} answers, interrupt again to give them up"
        self._bar.note(f"stopping: {answers if in_flight else 'nothing is in flight'}")

    async def run(self) -> None:
        start = time.monotonic()
        while True:
            await asyncio.sleep(TICK)
            self._file.flush()
            self._strain.sample()
            self._bar.update(time.monotonic() - start)


async def _drive(loop: OpenLoop, schedule: Schedule, ticker: _Ticker, ended_by: EndedBy) -> None:
    """Run loop and ticker together; whichever fails ends both."""
    sending = asyncio.ensure_future(loop.run(schedule))
    ticking = asyncio.ensure_future(ticker.run())

    def end() -> None:
        if loop.stopped:
            sending.cancel()
        else:
            loop.stop()
            ticker.tell_stop(loop.in_flight)

    try:
        with ended_by(end):
            await asyncio.wait({sending, ticking}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (sending, ticking):
            task.cancel()
        ended = await asyncio.gather(sending, ticking, return_exceptions=True)
    for error in ended:
        if isinstance(error, ExceptionGroup):
            # The loop sends from a task group: what broke it is the first in it.
            raise error.exceptions[0] from error
        if isinstance(error, Exception):
            raise error
