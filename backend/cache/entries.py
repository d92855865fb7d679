"""One user's entry in Redis, and the races around it.

The entry is one string whose first byte says what it is:

- `v` + bytes: the answer, as it is sent.
- `l` + token: a reader missed, and reads PostgreSQL now. Only the holder of the
  token may replace it by a value.
- `f` + token: a fence: a writer is between its decision to commit and the time
  after its commit. Readers go to PostgreSQL and leave nothing behind.

A writer raises the fence before its commit and lifts it after. So a reader
that saw the row before the commit finds its lease gone, however late it comes
with it; a reader that found no fence reads after the commit. A writer that dies
in between leaves a fence, which ends by itself, later than PostgreSQL would let
the writer's transaction live (`storage.engine`).

Leases are Facebook's memcache leases (Nishtala et al., NSDI 2013, section 3.2.1).
"""

from dataclasses import dataclass
from secrets import token_bytes
from uuid import UUID

from redis.asyncio import Redis

from backend.cache.redis import RedisServer

LEASE_MILLISECONDS = 5_000
FENCE_MILLISECONDS = 30_000

_FILL = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return 1
end
return 0
"""

# Another writer's fence stays; whatever else is there may be older than our commit.
_LIFT = """
local found = redis.call('GET', KEYS[1])
if found and (found == ARGV[1] or string.sub(found, 1, 1) ~= 'f') then
  redis.call('DEL', KEYS[1])
end
return 1
"""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to fill one entry; it dies with the next writer."""

    key: str
    token: bytes


@dataclass(frozen=True, slots=True)
class Fence:
    """A writer's mark on one entry, in one era."""

    era: int
    user_id: UUID
    token: bytes


class UserEntries:
    """Every method raises DependencyUnavailableError while Redis is away or slow."""

    def __init__(self, server: RedisServer, ttl: float) -> None:
        self._server = server
        self._ttl_milliseconds = int(ttl * 1000)

    async def look_up(self, era: int, user_id: UUID) -> bytes | Lease | None:
        """Return the value; or a lease to fill it; or None, when there is neither."""

        async def get(client: Redis, run: str) -> bytes | Lease | None:
            key = _key(era, run, user_id)
            found = await client.get(key)
            if isinstance(found, bytes):
                return found[1:] if found[:1] == b"v" else None
            lease = Lease(key, b"l" + token_bytes(12))
            won = await client.set(key, lease.token, nx=True, px=LEASE_MILLISECONDS)
            return lease if won else None

        return await self._server.call(get)

    async def fill(self, lease: Lease, value: bytes) -> bool:
        """Put what was read under `lease`; return whether the lease was still good."""

        async def fill(client: Redis, run: str) -> bool:  # noqa: ARG001
            return bool(
                await client.eval(
                    _FILL, 1, lease.key, lease.token, b"v" + value, self._ttl_milliseconds
                )
            )

        return await self._server.call(fill)

    async def raise_fence(self, era: int, user_id: UUID) -> Fence:
        """Hold readers off this entry until the fence is lifted."""
        fence = Fence(era, user_id, b"f" + token_bytes(12))

        async def put(client: Redis, run: str) -> None:
            await client.set(_key(era, run, user_id), fence.token, px=FENCE_MILLISECONDS)

        await self._server.call(put)
        return fence

    async def lift_fence(self, fence: Fence) -> None:
        """Remove the fence, and with it whatever a reader may have put in its place."""

        async def lift(client: Redis, run: str) -> None:
            key = _key(fence.era, run, fence.user_id)
            await client.eval(_LIFT, 1, key, fence.token)

        await self._server.call(lift)


def _key(era: int, run: str, user_id: UUID) -> str:
    return f"pharos:user:{era}.{run}:{user_id}"
