"""Traffic as a fault: for a bounded time more of it, or a scanner's, which no caller would send.

It comes from the drill's own process and ends with it, whoever kills that: no
lease outlives its runner here. Rates, times and counts are capped in the code.
"""

import asyncio
import random
import string
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import httpx

from chaos.drill import Drill, activity, checked_by, current, undoing
from chaos.errors import RefusedError
from chaos.faults.undoing import undone
from chaos.journal import utc_now
from chaos.schemas import Kind
from deploy.faults.kinds import GATEWAY

MOST_A_SECOND, LONGEST, MOST_REQUESTS = 200.0, 120.0, 20_000
AT_ONCE = 100
ANSWER_WITHIN = 10.0
LOOK_SECONDS = 0.1
READ = ("/v1/users?limit=10", "/v1/users?limit=50")
METHODS = (
    "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS",
    # Known to the servers' parser, and to no route.
    "PROPFIND", "PURGE", "REPORT", "MKCOL", "LINK", "TRACE",
)  # fmt: skip
PATHS = ("/", "/v1/users/", "/v1/events/", "/v1/users?cursor=", "/v1/users/%00", "/.", "/v1//")
LETTERS = string.ascii_letters + string.digits + "-._~"
Problem = tuple[tuple[str, ...], str]
Request = tuple[str, str, dict[str, str]]


def _out_of_bounds(a_second: float, *, seconds: float = 1, requests: int = 1) -> Iterator[Problem]:
    """Yield what is beyond the caps, each with its place."""
    if not 1 <= a_second <= MOST_A_SECOND:
        yield ("a_second",), f"must be at least 1 and at most {MOST_A_SECOND:g}"
    if not 0 < seconds <= LONGEST:
        yield ("seconds",), f"must be above 0 and at most {LONGEST:g}"
    if not 0 < requests <= MOST_REQUESTS:
        yield ("requests",), f"must be above 0 and at most {MOST_REQUESTS}"


def _keep_within(a_second: float, *, seconds: float = 1, requests: int = 1) -> None:
    """Return where the caps allow it; an experiment may come here that nobody validated.

    Raises:
        RefusedError: they do not.
    """
    found = list(_out_of_bounds(a_second, seconds=seconds, requests=requests))
    if found:
        raise RefusedError("; ".join(f"{'.'.join(place)} {words}" for place, words in found))


@checked_by(_out_of_bounds)
@activity
def surge(a_second: float, seconds: float) -> str:
    """Read at the gateway `a_second` times a second beside the users, for `seconds`.

    Returns the answers by status, in words.

    Raises:
        RefusedError: that is beyond the caps; nothing was sent.
    """
    _keep_within(a_second, seconds=seconds)
    dice = random.Random(current().run)  # noqa: S311
    requests: list[Request] = [
        ("GET", dice.choice(READ), {}) for _ in range(int(a_second * seconds))
    ]
    return _made(f"a surge of {a_second:g} requests a second", requests, a_second)


@checked_by(_out_of_bounds)
@activity
def scan(requests: int, a_second: float) -> str:
    """Send requests with random methods, paths and headers, as a scanner does.

    Returns the answers by status, in words.

    Raises:
        RefusedError: that is beyond the caps; nothing was sent.
    """
    _keep_within(a_second, requests=requests)
    dice = random.Random(current().run)  # noqa: S311
    return _made(
        f"a scan of {requests:,} requests", [_odd(dice) for _ in range(requests)], a_second
    )


@undoing
def ended() -> bool:
    """Say that nothing is left: each request was sent, and answered or given up, by its action."""
    return undone(current(), "The requests ended with the action that sent them", [])


def _made(name: str, requests: list[Request], a_second: float) -> str:
    """Send them, from the journal's intent to its account; returns the answers in words.

    Raises:
        AbortedError: the drill was aborted meanwhile; what had no answer yet was given up.
    """
    drill = current()
    drill.journal.write(Kind.FAULT_INJECTING, f"About to send {name}", target=GATEWAY)
    drill.facts.target = drill.facts.component = GATEWAY
    drill.facts.begin_fault(utc_now(), time.monotonic())
    drill.journal.write(Kind.FAULT_INJECTED, f"Sending {name}", target=GATEWAY)
    answers = asyncio.run(_send(drill, requests, a_second))
    drill.facts.end_fault()
    words = ", ".join(f"{count:,} of {status}" for status, count in sorted(answers.items()))
    drill.journal.write(Kind.FAULT_REVERTED, f"Sent {name}: {words or 'none'}", target=GATEWAY)
    drill.abort.check()
    return words


async def _send(drill: Drill, requests: list[Request], a_second: float) -> Counter[str]:
    """Send them; an abort gives up what is under way, however long its answer takes."""
    answers: Counter[str] = Counter()
    own = drill.facts.own_requests
    sending = asyncio.create_task(_send_all(drill.gateway, requests, a_second, answers, own))
    while not sending.done():
        await asyncio.wait({sending}, timeout=LOOK_SECONDS)
        if drill.abort.cause is not None:
            sending.cancel()
    with suppress(asyncio.CancelledError):
        await sending
    return answers


async def _send_all(
    gateway: str,
    requests: list[Request],
    a_second: float,
    answers: Counter[str],
    own: list[float],
) -> None:
    """Send each when it is due; one that finds too many under way waits for one to end.

    When each was sent is appended to `own`.
    """
    slots, began = asyncio.Semaphore(AT_ONCE), time.monotonic()
    async with (
        httpx.AsyncClient(base_url=gateway, timeout=ANSWER_WITHIN, trust_env=False) as client,
        asyncio.TaskGroup() as group,
    ):
        for number, request in enumerate(requests):
            await asyncio.sleep(max(0.0, began + number / a_second - time.monotonic()))
            await slots.acquire()
            own.append(time.time())
            group.create_task(_one(client, request, slots, answers))


async def _one(
    client: httpx.AsyncClient,
    request: Request,
    slots: asyncio.Semaphore,
    answers: Counter[str],
) -> None:
    method, path, headers = request
    try:
        answer = await client.request(method, path, headers=headers)
        answers[str(answer.status_code)] += 1
    except httpx.HTTPError as error:
        answers[type(error).__name__] += 1
    finally:
        slots.release()


def _odd(dice: random.Random) -> Request:
    headers = {
        "x-request-id": _word(dice, 200),
        "traceparent": _word(dice, 60),
        "user-agent": _word(dice, 80),
        **{f"x-{_word(dice, 12, string.ascii_letters)}": _word(dice, 40) for _ in range(3)},
    }
    return dice.choice(METHODS), dice.choice(PATHS) + _word(dice, 120), headers


def _word(dice: random.Random, longest: int, letters: str = LETTERS) -> str:
    return "".join(dice.choices(letters, k=dice.randint(1, longest)))
