"""/v1/users: parse, call, return."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response

from backend.api.bodies import JSON, UserCreateBody, UserUpdateBody, documented
from backend.api.pages import Cursor, Limit
from backend.api.services import Activities, Users
from backend.api.tokens import Caller
from backend.schemas.events import ActivityPage
from backend.schemas.users import UserCreate, UserPage, UserPublic, UserUpdate
from backend.services.users import IdempotencyClaim

router = APIRouter(prefix="/v1/users", tags=["users"])

IdempotencyKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$"),
]

# No address has a control character, and PostgreSQL cannot even be asked for NUL.
Address = Annotated[str | None, Query(min_length=3, max_length=320, pattern=r"^[^\x00-\x1f\x7f]+$")]


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=UserPublic,
    openapi_extra=documented(UserCreate, JSON),
)
async def create_user(
    caller: Caller, users: Users, body: UserCreateBody, key: IdempotencyKey = None
) -> Response:
    claim = IdempotencyClaim(caller, key) if key is not None else None
    user = await users.create(body, claim)
    location = {"location": f"/v1/users/{user.id}"}
    return _json(user.model_dump_json(), HTTPStatus.CREATED, location)


@router.get("", response_model=UserPage)
async def list_users(
    users: Users,
    email: Address = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    page = await (users.find(email) if email is not None else users.page(cursor, limit))
    return _json(page.model_dump_json())


@router.get("/{user_id}", response_model=UserPublic)
async def read_user(user_id: UUID, users: Users) -> Response:
    return _json(await users.read(user_id))


@router.patch("/{user_id}", response_model=UserPublic, openapi_extra=documented(UserUpdate, JSON))
async def change_user(
    caller: Caller,  # noqa: ARG001
    user_id: UUID,
    users: Users,
    body: UserUpdateBody,
) -> Response:
    return _json((await users.change(user_id, body)).model_dump_json())


@router.delete("/{user_id}", status_code=HTTPStatus.NO_CONTENT)
async def delete_user(caller: Caller, user_id: UUID, users: Users) -> None:  # noqa: ARG001
    await users.delete(user_id)


@router.get("/{user_id}/events", response_model=ActivityPage)
async def list_activity(
    user_id: UUID, activity: Activities, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    return _json((await activity.page(user_id, cursor, limit)).model_dump_json())


def _json(
    body: str | bytes,
    status: HTTPStatus = HTTPStatus.OK,
    headers: dict[str, str] | None = None,
) -> Response:
    return Response(body, status, headers, media_type=JSON)
