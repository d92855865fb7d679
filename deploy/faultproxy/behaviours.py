"""The kinds of toxics. Times are milliseconds, rates kilobytes (1,000 bytes) a second."""

import asyncio
import random
from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from deploy.faultproxy.chunks import End
from deploy.faultproxy.toxic import MILLISECOND, Behaviour, Flow

# What the original's numbers are held in.
Integer = Annotated[int, Field(ge=-(2**63), lt=2**63)]
# How far apart a bandwidth's portions are.
PORTION_SECONDS = 0.1


async def _sleep_until(when: float) -> None:
    """Sleep until a time of the loop's clock (seconds)."""
    seconds = when - asyncio.get_running_loop().time()
    if seconds > 0:
        await asyncio.sleep(seconds)


class Latency(Behaviour):
    """Delays data by `latency` ± `jitter`, in order; an end waits for what came before it only."""

    holds: ClassVar[int] = 1024 * 1024

    latency: Integer = 0
    jitter: Integer = 0

    async def pipe(self, flow: Flow) -> None:
        while True:
            chunk = await flow.head()
            if chunk.end is None:
                await _sleep_until(chunk.came + self._delay())
            flow.forward()

    def _delay(self) -> float:
        spread = random.uniform(-self.jitter, self.jitter)  # noqa: S311  no secret is made of it
        return (self.latency + spread) * MILLISECOND


class Timeout(Behaviour):
    """Loses all data, and closes the connection after `timeout` without any; 0: never.

    Removing it closes the connection too, since what was lost is missing.
    """

    timeout: Integer = 0

    async def pipe(self, flow: Flow) -> None:
        seconds = self.timeout * MILLISECOND if self.timeout > 0 else None
        while True:
            try:
                async with asyncio.timeout(seconds):
                    chunk = await flow.head()
            except TimeoutError:
                flow.close(End.CUT)
                return
            if chunk.end is None:
                flow.drop()
            else:
                flow.forward()

    def removed(self, flow: Flow) -> None:
        flow.close(End.CUT)


class ResetPeer(Behaviour):
    """Resets the connection `timeout` after the first data; until then nothing passes."""

    timeout: Integer = 0

    async def pipe(self, flow: Flow) -> None:
        await flow.head()
        await asyncio.sleep(self.timeout * MILLISECOND)
        flow.close(End.RESET)


class Bandwidth(Behaviour):
    """Lets `rate` kilobytes a second pass, and nothing at a rate of 0."""

    rate: Integer = 0

    async def pipe(self, flow: Flow) -> None:
        due = asyncio.get_running_loop().time()
        while True:
            chunk = await flow.head()
            if chunk.end is not None:
                flow.forward()
                continue
            if self.rate <= 0:
                await asyncio.Event().wait()
            bytes_a_second = self.rate * 1000
            portion = min(len(chunk.data), max(1, int(bytes_a_second * PORTION_SECONDS)))
            due = max(due, chunk.came) + portion / bytes_a_second
            await _sleep_until(due)
            flow.forward_part(portion)


class SlowClose(Behaviour):
    """Holds the connection's end back for `delay`."""

    delay: Integer = 0

    async def pipe(self, flow: Flow) -> None:
        while True:
            chunk = await flow.head()
            if chunk.end is not None:
                await asyncio.sleep(self.delay * MILLISECOND)
            flow.forward()


class LimitData(Behaviour):
    """Closes the connection once `bytes` have passed since the toxic was added."""

    bytes: Integer = 0

    async def pipe(self, flow: Flow) -> None:
        while True:
            chunk = await flow.head()
            if chunk.end is not None:
                flow.forward()
                continue
            left = self.bytes - flow.passed
            if left > 0:
                flow.forward_part(min(left, len(chunk.data)))
            if self.bytes <= flow.passed:
                flow.close(End.CUT)
                return


KINDS: Mapping[str, type[Behaviour]] = {
    "latency": Latency,
    "timeout": Timeout,
    "reset_peer": ResetPeer,
    "bandwidth": Bandwidth,
    "slow_close": SlowClose,
    "limit_data": LimitData,
}
