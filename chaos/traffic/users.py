"""The users of a run: each is created when the run first needs him, and known from then on."""

import asyncio
import hashlib
import re

from pydantic import ValidationError

from backend.schemas.users import UserCreate, UserPage, UserPublic
from chaos.traffic.gateway import Answer, Gateway, UnansweredError

# RFC 2606 reserves `.example`, so nobody owns an address below it; the product's
# check of addresses accepts it, other than `.invalid` and `.test`.
DOMAIN = "visitor.example"
_PLAIN = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")


class NoUserError(Exception):
    """A user could neither be created nor found; the message is the reason."""


def email_of(name: str) -> str:
    """Return the address of the user called `name`: always the same, another for another name.

    Names that would be no local part (IPv6, long host names) keep what is
    readable of them and carry a digest.
    """
    if len(name) <= 64 and _PLAIN.fullmatch(name):
        return f"{name}@{DOMAIN}"
    readable = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-")
    mark = hashlib.sha256(name.encode()).hexdigest()[:12]
    return f"{readable or 'host'}-{mark}@{DOMAIN}"


class Users:
    """Ids by name. Requests that need the same new user wait for one creation."""

    def __init__(self, gateway: Gateway, origin: str) -> None:
        """`origin`, the source of the run's events, and the name make the idempotency key."""
        self._gateway = gateway
        self._origin = origin
        self._ids: dict[str, str] = {}
        self._coming: dict[str, asyncio.Task[str]] = {}

    def __len__(self) -> int:
        return len(self._ids)

    async def id_of(self, name: str) -> str:
        """Return the user's id, creating or finding him first.

        After a failure the next request that needs him starts over.

        Raises:
            NoUserError: neither worked.
        """
        if name in self._ids:
            return self._ids[name]
        if name not in self._coming:
            self._coming[name] = asyncio.create_task(self._create(name))
            self._coming[name].add_done_callback(lambda task: self._settle(name, task))
        return await asyncio.shield(self._coming[name])

    def _settle(self, name: str, task: asyncio.Task[str]) -> None:
        del self._coming[name]
        if not task.cancelled():
            task.exception()  # marks it as seen: whoever waited has it, unless the run was given up

    async def _create(self, name: str) -> str:
        key = hashlib.sha256(f"{self._origin} {name}".encode()).hexdigest()
        user = UserCreate(email=email_of(name), name=name[:200])
        try:
            answer = await self._gateway.post(
                "/v1/users", user.model_dump(), "application/json", {"idempotency-key": key}
            )
            if answer.status == 409:
                answer = await self._gateway.get("/v1/users", {"email": user.email})
        except UnansweredError as error:
            raise NoUserError(f"user not created: {error}") from None
        self._ids[name] = _read_id(answer)
        return self._ids[name]


def _read_id(answer: Answer) -> str:
    try:
        if answer.status == 201:
            return str(UserPublic.model_validate_json(answer.body).id)
        if answer.status == 200:
            return str(UserPage.model_validate_json(answer.body).items[0].id)
    except (ValidationError, IndexError) as error:
        raise NoUserError(f"user not found in a {answer.status} answer") from error
    raise NoUserError(f"user not created: {answer.problem()}")
