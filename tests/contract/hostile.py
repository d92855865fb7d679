"""A caller that means no good: odd paths, methods and headers, thousands a second."""

import asyncio
import random
import string
from collections import Counter

CONNECTIONS = 16
METHODS = (
    "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS",
    # Known to the servers' parser, and to no route.
    "PROPFIND", "PURGE", "REPORT", "MKCOL", "LINK", "TRACE",
)  # fmt: skip
PATHS = ("/", "/v1/users/", "/v1/events/", "/v1/users?cursor=", "/v1/users/%00", "/.", "/v1//")
TAME = string.ascii_letters + string.digits + "-._~"
WILD = TAME + "%{}|^[]`<>\\\"'"
# What is no HTTP at all is refused, and costs a new connection.
WILD_SHARE = 0.05


def _word(dice: random.Random, longest: int, letters: str = TAME) -> str:
    return "".join(dice.choices(letters, k=dice.randint(1, longest)))


def _request(dice: random.Random) -> bytes:
    wild = dice.random() < WILD_SHARE
    letters = WILD if wild else TAME
    method = _word(dice, 12) if wild else dice.choice(METHODS)
    headers = {
        "Host": _word(dice, 20, letters),
        "X-Request-Id": _word(dice, 200, WILD),
        "traceparent": _word(dice, 60, WILD),
        "User-Agent": _word(dice, 80, WILD),
        **{f"X-{_word(dice, 12, string.ascii_letters)}": _word(dice, 40, WILD) for _ in range(3)},
    }
    first = f"{method} {dice.choice(PATHS)}{_word(dice, 120, letters)} HTTP/1.1"
    lines = [first, *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "Content-Length: 0", "", ""]).encode()


async def assail(port: int, requests: int, seed: int) -> Counter[str]:
    """Send `requests` over a few kept connections; return how often each status came.

    A connection that the server closes, as it may on what is no HTTP, is opened again.
    """
    seen: Counter[str] = Counter()
    share = requests // CONNECTIONS
    dice = [random.Random(seed + number) for number in range(CONNECTIONS)]  # noqa: S311
    await asyncio.gather(*(_attack(port, share, each, seen) for each in dice))
    return seen


async def _attack(port: int, requests: int, dice: random.Random, seen: Counter[str]) -> None:
    streams = None
    for _ in range(requests):
        streams = streams or await asyncio.open_connection("127.0.0.1", port)
        try:
            status, stays = await _ask(*streams, _request(dice))
        except (ConnectionError, asyncio.IncompleteReadError):
            status, stays = "closed", False
        seen[status] += 1
        if not stays:
            streams[1].close()
            streams = None
    if streams:
        streams[1].close()


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
) -> tuple[str, bool]:
    """Return the answer's status, and whether the connection may be used again."""
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    if not request.startswith(b"HEAD"):
        await _skip_body(reader, fields)
    return head.split(" ", 2)[1], fields.get("connection") != "close"


async def _skip_body(reader: asyncio.StreamReader, fields: dict[str, str]) -> None:
    if "chunked" not in fields.get("transfer-encoding", ""):
        await reader.readexactly(int(fields.get("content-length", 0)))
        return
    while size := int(await reader.readuntil(b"\r\n"), 16):
        await reader.readexactly(size + 2)
    await reader.readexactly(2)
