"""The services that the routes call, as the entrypoint has put them together."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from backend.services.activity import ActivityService
from backend.services.events import EventService
from backend.services.users import UserService


@dataclass(frozen=True, slots=True)
class Services:
    users: UserService
    events: EventService
    activity: ActivityService


async def _users(request: Request) -> UserService:
    services: Services = request.app.state.services
    return services.users


async def _events(request: Request) -> EventService:
    services: Services = request.app.state.services
    return services.events


async def _activity(request: Request) -> ActivityService:
    services: Services = request.app.state.services
    return services.activity


Users = Annotated[UserService, Depends(_users)]
Events = Annotated[EventService, Depends(_events)]
Activities = Annotated[ActivityService, Depends(_activity)]
