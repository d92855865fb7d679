"""The agent's loops: each looks at one thing, again and again, and never ends by an error."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import aiohttp

from backend.observability.errors import ErrorReports
from deploy.home import Home
from deploy.local.agent.board import Board
from deploy.local.agent.gauges import Gauges
from deploy.local.agent.in_flight import requests_in_flight
from deploy.local.agent.interventions import Interventions
from deploy.local.agent.reconcile import Reconciler
from deploy.local.agent.rotation import rotate
from deploy.local.agent.shipping import BEAT_SECONDS, ShippingWatch
from deploy.local.agent.tracker import TrackerWatch
from deploy.local.component import Health
from deploy.local.parts import Parts
from deploy.local.probes import read_answer
from deploy.local.specs import read_records, running
from deploy.local.status import Answer, check_now, occupied, server_and_service_checks
from deploy.local.wanted import Seat

REPLICA_SECONDS = 0.2
ANSWER_SECONDS = 1.0
PARTS_SECONDS = 1.0
RECONCILE_SECONDS = 0.3
ROTATE_SECONDS = 30.0
TRACKER_SECONDS = 5.0
FAULT_SECONDS = 2.0


class Polls:
    """Runs the loops as tasks of one event loop."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts it is wired from
        self,
        home: Home,
        parts: Parts,
        board: Board,
        gauges: Gauges,
        errors: ErrorReports,
        interventions: Interventions,
        tracker: TrackerWatch | None = None,
    ) -> None:
        self._home = home
        self._parts = parts
        self._board = board
        self._gauges = gauges
        self._errors = errors
        self._interventions = interventions
        self._tracker = tracker
        self._reconciler = Reconciler(home, parts, board.ready, interventions.endpoints.has)
        self._shipping = ShippingWatch(home, gauges)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Look once at everything, then keep looking: the first answer is already true."""
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS), trust_env=False
        )
        loops: list[tuple[Callable[[], Awaitable[None]], float]] = [
            (self._follow_replicas, REPLICA_SECONDS),
            (self._check_parts, PARTS_SECONDS),
            (self._reconcile, RECONCILE_SECONDS),
            (self._watch_faults, FAULT_SECONDS),
            (self._rotate, ROTATE_SECONDS),
            (self._watch_shipping, BEAT_SECONDS),
        ]
        if self._tracker is not None:
            loops.append((self._ask_tracker, TRACKER_SECONDS))
        await asyncio.gather(self._follow_replicas(), self._check_parts())
        self._tasks = [asyncio.create_task(self._forever(work, seconds)) for work, seconds in loops]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    async def _follow_replicas(self) -> None:
        seats = occupied(self._home, self._board.wanted)
        await asyncio.gather(*(self._poll(seat) for seat in seats))
        self._gauges.show_replicas(self._board)
        self._interventions.aside.forget_the_gone()
        self._interventions.endpoints.write()
        self._interventions.targets.write(seats)

    async def _poll(self, seat: Seat) -> None:
        url = f"http://127.0.0.1:{seat.ops_port(self._home)}/readyz"
        asked = running(self._home, seat.id)
        try:
            async with self._session.get(url) as answer:
                health = read_answer(answer.status, await answer.read())
            if seat.id in self._interventions.aside.names():
                in_flight = await requests_in_flight(self._session, seat.ops_port(self._home))
                health = replace(health, in_flight=in_flight)
            self._board.saw(seat.id, Answer(health, asked))
        except TimeoutError:
            self._board.missed(seat.id)
        except aiohttp.ClientError as error:
            self._board.saw(seat.id, Answer(Health(ok=False, detail=str(error)), asked))

    async def _check_parts(self) -> None:
        checks = server_and_service_checks(self._home, self._board.wanted, self._parts)
        found = await asyncio.to_thread(check_now, self._home, checks)
        for name, answer in found.items():
            self._board.saw(name, answer)
        self._gauges.show_parts(self._board, list(checks))
        self._gauges.show_starts(read_records(self._home))
        self._gauges.show_disk(self._home.root)

    async def _reconcile(self) -> None:
        await asyncio.to_thread(self._reconciler.step)

    async def _watch_faults(self) -> None:
        keeper = self._interventions.keeper
        await asyncio.to_thread(keeper.sweep_unreadable)
        self._gauges.show_faults(await asyncio.to_thread(keeper.read_back))

    async def _rotate(self) -> None:
        await asyncio.to_thread(rotate, self._home)

    async def _watch_shipping(self) -> None:
        await asyncio.to_thread(self._shipping.step)

    async def _ask_tracker(self) -> None:
        if self._tracker is not None:
            await self._tracker.look(self._session)

    async def _forever(self, work: Callable[[], Awaitable[None]], seconds: float) -> None:
        while True:
            try:
                await work()
            except Exception as error:  # noqa: BLE001
                # A full disk or a half-written file must not blind the agent for good.
                self._errors.capture_recurring(
                    error,
                    "A loop of the node agent failed and goes on",
                    route=f"the agent's loop {work.__name__}",
                )
            await asyncio.sleep(seconds)
