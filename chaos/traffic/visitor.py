"""Does one piece of work at the gateway and says how it ended."""

from collections.abc import Callable

from backend.schemas.runs import SentEvent
from chaos.traffic.gateway import Gateway, UnansweredError
from chaos.traffic.tally import Outcome
from chaos.traffic.users import NoUserError, Users
from chaos.traffic.work import Post, Read, Work

CLOUD_EVENT = "application/cloudevents+json"


class Visitor:
    """Posts events and reads; `accepted` hears of each event that the gateway acknowledged."""

    def __init__(
        self, gateway: Gateway, users: Users, accepted: Callable[[SentEvent], None]
    ) -> None:
        self._gateway = gateway
        self._users = users
        self._accepted = accepted

    async def perform(self, work: Work) -> Outcome:
        """Return how the work ended; waiting for the user's creation is part of it."""
        try:
            subject = await self._users.id_of(work.user)
            if isinstance(work, Read):
                return await self._read(f"/v1/users/{subject}{work.below}")
            return await self._post(work, subject)
        except (NoUserError, UnansweredError) as error:
            return Outcome(reason=str(error))

    async def _read(self, path: str) -> Outcome:
        answer = await self._gateway.get(path)
        return Outcome(reason="" if answer.status == 200 else answer.problem())

    async def _post(self, work: Post, subject: str) -> Outcome:
        answer = await self._gateway.post("/v1/events", cloud_event(work, subject), CLOUD_EVENT)
        if answer.status != 202:
            return Outcome(reason=answer.problem())
        self._accepted(work.identity)
        return Outcome(accepted=work.identity)


def cloud_event(work: Post, subject: str) -> dict[str, object]:
    """Return the event in CloudEvents' JSON format, structured mode."""
    return {
        "specversion": "1.0",
        "id": work.identity.id,
        "source": work.identity.source,
        "type": work.type,
        "subject": subject,
        "time": work.time.isoformat(),
        "datacontenttype": "application/json",
        "data": work.data,
    }
