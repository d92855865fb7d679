"""Faults in requests. Who answers them looks at `active`, which is empty while there are none."""

import asyncio
import contextlib
import random
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection

from backend.ops.faults.effects import on_loop
from backend.ops.faults.errors import UnservedFaultError
from backend.schemas.replica_faults import (
    ErrorStatusArguments,
    LatencyArguments,
    QueryMultiplicationArguments,
    Selection,
)
from backend.storage.repeats import Repeats, repeating

Call = Callable[[], Awaitable[None]]


class InjectedError(Exception):
    """What nobody expects in a request."""


class InjectedStatusError(Exception):
    """The request is to be answered with `status`, and nothing else to be done."""

    def __init__(self, status: int) -> None:
        super().__init__(f"This answer, with the status {status}, was injected as a fault.")
        self.status = status


class RequestFaults:
    """The faults of one app's requests; `active` holds those that are at work, in their order."""

    def __init__(self, loop: asyncio.AbstractEventLoop, templates: Collection[str]) -> None:
        """`loop` is that of the app, `templates` are the paths of its routes."""
        self.loop = loop
        self.templates = templates
        self.active: tuple[RequestFault, ...] = ()

    def enter(self, fault: "RequestFault") -> None:
        self.active = tuple(sorted((*self.active, fault), key=lambda each: each.place))

    def leave(self, fault: "RequestFault") -> None:
        self.active = tuple(each for each in self.active if each is not fault)


class RequestFault(ABC):
    """One fault that hits some of the requests; the lower its `place`, the earlier."""

    place = 0

    def __init__(self, faults: RequestFaults, arguments: Selection) -> None:
        """Plan it.

        Raises:
            UnservedFaultError: the app has no such route.
        """
        if arguments.route is not None and arguments.route not in faults.templates:
            known = ", ".join(sorted(faults.templates))
            raise UnservedFaultError("arguments.route", f"must be one of {known}, or null for all")
        self._faults = faults
        self._selection = arguments
        self._hits = 0

    def start(self) -> None:
        self._faults.enter(self)

    def stop(self) -> None:
        self._faults.leave(self)

    def gone(self) -> bool:
        return True

    def detail(self) -> str:
        return f"requests hit: {self._hits}"

    def hits(self, route: str) -> bool:
        """Decide whether this request to the route is one of those that are hit."""
        if self._selection.route not in (None, route):
            return False
        hit = random.random() * 100 < self._selection.percentage  # noqa: S311
        self._hits += hit
        return hit

    @abstractmethod
    async def around(self, call: Call) -> None:
        """Do what the fault does, with `call` for what would be done without it."""


class Latency(RequestFault):
    def __init__(self, faults: RequestFaults, arguments: LatencyArguments) -> None:
        super().__init__(faults, arguments)
        self._delay, self._jitter = arguments.delay_seconds, arguments.jitter_seconds
        self._over = asyncio.Event()
        self._held_up = 0

    def stop(self) -> None:
        super().stop()
        # Nobody is held up any longer than the fault lasts.
        on_loop(self._faults.loop, self._over.set)

    def gone(self) -> bool:
        return self._held_up == 0

    async def around(self, call: Call) -> None:
        delay = self._delay + random.uniform(-self._jitter, self._jitter)  # noqa: S311
        self._held_up += 1
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await self._over.wait()
        finally:
            self._held_up -= 1
        await call()


class QueryMultiplication(RequestFault):
    place = 1

    def __init__(self, faults: RequestFaults, arguments: QueryMultiplicationArguments) -> None:
        super().__init__(faults, arguments)
        self._repeats = Repeats(arguments.queries)

    def stop(self) -> None:
        super().stop()
        self._repeats.end()

    async def around(self, call: Call) -> None:
        with repeating(self._repeats):
            await call()


class UnhandledException(RequestFault):
    place = 2

    async def around(self, call: Call) -> None:  # noqa: ARG002
        raise InjectedError("This exception was injected as a fault")


class ErrorStatus(RequestFault):
    place = 3

    def __init__(self, faults: RequestFaults, arguments: ErrorStatusArguments) -> None:
        super().__init__(faults, arguments)
        self._status = arguments.status

    async def around(self, call: Call) -> None:  # noqa: ARG002
        raise InjectedStatusError(self._status)
